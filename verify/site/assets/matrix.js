// Filters of the matrix: words, chapter, number system, verdict. The choice stands in the address.

const Matrix = (() => {
  /** @param {string} id */
  const control = (id) => /** @type {HTMLInputElement | HTMLSelectElement} */ (document.getElementById(`filter-${id}`));
  const NAMES = ["words", "chapter", "system", "verdict"];

  function show() {
    const table = document.getElementById("matrix-table");
    const count = document.getElementById("filter-count");
    if (!table || !count) return;
    const [words, chapter, system, verdict] = NAMES.map((name) => control(name).value.trim());
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    let rows = 0;
    let cells = 0;
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (table.querySelectorAll("tbody tr"))) {
      const said = (row.dataset.words ?? "").toLowerCase();
      const here = /** @type {HTMLElement[]} */ ([...row.querySelectorAll("td[data-verdict]")])
        .filter((cell) => (!system || cell.dataset.system === system) && (!verdict || cell.dataset.verdict === verdict));
      const kept = wanted.every((word) => said.includes(word)) && (!chapter || row.dataset.chapter === chapter) && here.length > 0;
      row.hidden = !kept;
      if (kept) {
        rows++;
        cells += here.length;
      }
      for (const cell of row.querySelectorAll("td")) {
        cell.classList.toggle("dim", Boolean(verdict) && cell.dataset.verdict !== verdict);
      }
    }
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (table.querySelectorAll("[data-system]"))) {
      cell.hidden = Boolean(system) && cell.dataset.system !== system;
    }
    count.textContent = `${rows} claim${rows === 1 ? "" : "s"}, ${cells} cell${cells === 1 ? "" : "s"}`;
  }

  function remember() {
    const chosen = new URLSearchParams(NAMES.map((name) => [name, control(name).value]).filter(([, value]) => value));
    history.replaceState(null, "", chosen.size ? `#${chosen}` : location.pathname + location.search);
  }

  function mount() {
    if (location.hash.includes("=")) {
      const chosen = new URLSearchParams(location.hash.slice(1));
      for (const name of NAMES) control(name).value = chosen.get(name) ?? "";
    }
    for (const name of NAMES) control(name).addEventListener("input", () => { show(); remember(); });
    show();
  }

  document.addEventListener("DOMContentLoaded", mount);
  return { show };
})();
