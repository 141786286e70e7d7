// Explore a layered graph: query, threshold, path, node. The drawing is in the page; this only hides and highlights.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".explorer.graphs").forEach((explorer) => {
    const controls = explorer.querySelector(".explorer-controls");
    const [choice, range, output] = ["select", "input", "output"].map((one) => controls.querySelector(one));
    const graphs = [...explorer.querySelectorAll(".explorer-graph")];
    const said = explorer.querySelector(".explorer-said");
    const shown = () => graphs[Number(choice.value)];
    const edgesOf = (graph) => [...graph.querySelectorAll("path.edge")];
    const from = (edge) => `${edge.dataset.layer} ${edge.dataset.head}`;
    const to = (edge) => `${Number(edge.dataset.layer) + 1} ${edge.dataset.tail}`;

    // Keep the edges above the threshold that still lie on a walk through all columns.
    const connected = (edges) => {
      const last = Math.max(...edges.map((edge) => Number(edge.dataset.layer)));
      const reach = (strong, layers, entry, leave, start) => {
        let here = start, kept = [];
        layers.forEach((layer) => {
          const next = strong.filter((edge) => Number(edge.dataset.layer) === layer && (!here || here.has(entry(edge))));
          kept = kept.concat(next);
          here = new Set(next.map(leave));
        });
        return kept;
      };
      const layers = [...Array(last + 1).keys()];
      const strong = edges.filter((edge) => Number(edge.dataset.weight) >= Number(range.value));
      return new Set(reach(reach(strong, layers, from, to, null), [...layers].reverse(), to, from, null));
    };

    const unmark = (graph) => {
      graph.classList.remove("marked");
      graph.querySelectorAll(".on").forEach((one) => one.classList.remove("on"));
      graph.querySelectorAll("[aria-pressed=true]").forEach((one) => one.setAttribute("aria-pressed", "false"));
    };
    const mark = (graph, edges, pressed) => {
      unmark(graph);
      graph.classList.add("marked");
      const ends = new Set(edges.flatMap((edge) => [from(edge), to(edge)]));
      edges.forEach((edge) => edge.classList.add("on"));
      graph.querySelectorAll("g.node").forEach((node) => {
        node.classList.toggle("on", ends.has(`${node.dataset.column} ${node.dataset.label}`));
      });
      pressed.setAttribute("aria-pressed", "true");
    };
    const thin = () => {
      const graph = shown(), edges = edgesOf(graph), kept = connected(edges);
      const ends = new Set([...kept].flatMap((edge) => [from(edge), to(edge)]));
      edges.forEach((edge) => edge.classList.toggle("weak", !kept.has(edge)));
      graph.querySelectorAll("g.node").forEach((node) => {
        node.classList.toggle("weak", !ends.has(`${node.dataset.column} ${node.dataset.label}`));
      });
      output.textContent = Number(range.value).toFixed(2);
      const rest = `${kept.size} of ${edges.length} edges lie on a path above the threshold.`;
      said.textContent = kept.size ? rest : "No path is left: every one has a weaker step.";
    };
    const press = (element, act) => {
      element.addEventListener("click", act);
      element.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); }
      });
    };
    const toggle = (graph, pressed, edges, words) => {
      if (pressed.getAttribute("aria-pressed") === "true") { unmark(graph); thin(); return; }
      mark(graph, edges, pressed);
      said.textContent = words;
    };

    graphs.forEach((graph) => {
      const edges = edgesOf(graph);
      graph.querySelectorAll("g.node").forEach((node) => {
        const own = `${node.dataset.column} ${node.dataset.label}`;
        const incident = edges.filter((edge) => from(edge) === own || to(edge) === own);
        const words = incident.map((edge) => edge.querySelector("title").textContent).join("; ");
        press(node, () => toggle(graph, node, incident, `${node.dataset.label}: ${words}.`));
      });
      graph.querySelectorAll("ol > li").forEach((item) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "explorer-path";
        button.setAttribute("aria-pressed", "false");
        button.append(...item.childNodes);
        item.append(button);
        const own = item.dataset.edges.split(" ").map((place) => edges[Number(place)]);
        button.addEventListener("click", () => toggle(graph, button, own, button.textContent));
      });
    });
    choice.addEventListener("change", () => {
      graphs.forEach((graph) => { graph.hidden = graph !== shown(); unmark(graph); });
      thin();
    });
    range.addEventListener("input", thin);
    controls.querySelector("button").addEventListener("click", () => {
      range.value = 0;
      unmark(shown());
      thin();
    });
    choice.value = "0";
    range.value = 0;
    controls.hidden = false;
    thin();
  });
});
