// Small comforts: copy an entry, sort a table by a column, scroll a wide formula by keyboard. Pages read the same without.
window.addEventListener("load", () => {
  const reach = () => document.querySelectorAll("div.math, mjx-container[display=true]").forEach((formula) => {
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
  });
  window.MathJax?.startup?.promise?.then(reach);
  window.addEventListener("resize", reach);
});
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("button.artifact-copy").forEach((button) => {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const entry = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(entry.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(entry);
        button.textContent = "Selected: copy with your keyboard";
      }
      setTimeout(() => { button.textContent = label; }, 2500);
    });
  });

  const number = (text) => {
    const value = parseFloat(text.replace(/,/g, "").replace("−", "-"));
    return Number.isNaN(value) ? null : value;
  };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    return x !== null && y !== null ? x - y : a.localeCompare(b, "en", { numeric: true });
  };
  document.querySelectorAll("table.sortable").forEach((table) => {
    table.querySelectorAll("thead th").forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.querySelector("p")?.childNodes ?? head.childNodes);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const text = (row) => row.cells[column].textContent.trim();
        const rows = [...table.tBodies[0].rows].sort((a, b) => compare(text(a), text(b)) * (down ? -1 : 1));
        table.tBodies[0].append(...rows);
      });
    });
  });
});
