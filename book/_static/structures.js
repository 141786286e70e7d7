// Compare structures: data set, structure, cell. The grids are in the page; this only chooses and highlights.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".explorer.structures").forEach((explorer) => {
    const controls = explorer.querySelector(".explorer-controls");
    const dataset = controls.querySelector("select.of-dataset");
    const choices = [...controls.querySelectorAll("select[data-dataset]")];
    const grids = [...explorer.querySelectorAll(".explorer-structure")];
    const said = explorer.querySelector(".explorer-said");
    const hint = said.textContent;
    const choice = () => choices[Number(dataset.value)];
    const shown = () => grids.find((grid) => grid.id.endsWith(`-structure-${dataset.value}-${choice().value}`));
    const kept = () => shown().querySelector(".block[aria-pressed=true]");

    const read = (block) => {
      shown().querySelectorAll(".on").forEach((one) => one.classList.remove("on"));
      shown().classList.toggle("marked", Boolean(block));
      said.textContent = block ? block.getAttribute("aria-description") : hint;
      if (block) shown().querySelectorAll(`[data-place="${block.dataset.place}"]`).forEach((one) => one.classList.add("on"));
    };
    const keep = (block) => {
      const was = block.getAttribute("aria-pressed") === "true";
      shown().querySelectorAll(".block").forEach((one) => one.setAttribute("aria-pressed", "false"));
      block.setAttribute("aria-pressed", String(!was));
      read(was ? null : block);
    };
    const show = () => {
      choices.forEach((one) => { one.hidden = one !== choice(); });
      grids.forEach((grid) => { grid.hidden = grid !== shown(); });
      read(kept());
    };

    explorer.querySelectorAll(".block").forEach((block) => {
      block.setAttribute("aria-description", block.title); // read out below the grid, so no tooltip beside it
      block.removeAttribute("title");
      ["pointerenter", "focus"].forEach((event) => block.addEventListener(event, () => read(block)));
      ["pointerleave", "blur"].forEach((event) => block.addEventListener(event, () => read(kept())));
      block.addEventListener("click", () => keep(block));
    });
    [dataset, ...choices].forEach((one) => { one.value = "0"; one.addEventListener("change", show); });
    controls.hidden = false;
    show();
  });
});
