// Step through the candidates of a search. They are in the page; this shows one at a time and marks its point.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".explorer.searches").forEach((explorer) => {
    const controls = explorer.querySelector(".explorer-controls");
    const [search, kind] = ["of-search", "of-kind"].map((name) => controls.querySelector(`select.${name}`));
    const range = controls.querySelector("input"), output = controls.querySelector("output");
    const buttons = [...controls.querySelectorAll("button")];
    const searches = [...explorer.querySelectorAll(".explorer-search")];
    const shown = () => searches[Number(search.value)];
    const candidates = () => [...shown().querySelectorAll("li[data-number]")].filter(
      (item) => item.dataset.kinds.split(" ").includes(kind.value));

    const read = () => {
      const items = candidates(), item = items[Number(range.value)], number = item.dataset.number;
      const point = shown().querySelector(`circle[data-number="${number}"]`), ring = shown().querySelector(".ring");
      ["cx", "cy"].forEach((name) => ring.setAttribute(name, point.getAttribute(name)));
      output.textContent = `${Number(range.value) + 1} of ${items.length}`;
      shown().querySelectorAll("circle.point").forEach((one) => {
        one.classList.toggle("weak", !items.some((other) => other.dataset.number === one.dataset.number));
      });
      shown().querySelector(".explorer-said").innerHTML = `<p>Candidate ${number}. ${item.innerHTML}</p>`;
      buttons.forEach((one) => {
        const next = Number(range.value) + Number(one.dataset.by);
        one.setAttribute("aria-disabled", String(next < 0 || next >= items.length));
      });
    };
    const go = (place) => {
      const last = candidates().length - 1;
      range.max = last;
      range.value = Math.min(Math.max(place, 0), last);
      read();
    };
    const choose = () => {
      searches.forEach((one) => { one.hidden = one !== shown(); });
      go(0);
    };

    searches.forEach((one) => {
      one.querySelector("details").open = false;
      one.querySelectorAll("circle.point").forEach((point) => point.addEventListener("click", () => {
        kind.value = point.classList.contains("weak") ? "all" : kind.value;
        go(candidates().findIndex((item) => item.dataset.number === point.dataset.number));
      }));
    });
    buttons.forEach((one) => one.addEventListener("click", () => go(Number(range.value) + Number(one.dataset.by))));
    [search, kind].forEach((one) => one.addEventListener("change", choose));
    range.addEventListener("input", read);
    [search.value, kind.value] = ["0", "all"];
    controls.hidden = false;
    choose();
  });
});
