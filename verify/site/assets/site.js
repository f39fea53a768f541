// What every page has: the search over everything, and the choice between light and dark.

const Site = (() => {
  /** @typedef {{ title: string, kind: string, href: string, words: string }} Entry */

  /** The entries that hold every word, best first. @param {string} query @param {Entry[]} entries */
  function matches(query, entries) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    /** @param {Entry} entry */
    const score = (entry) => {
      const title = entry.title.toLowerCase();
      const all = `${title} ${entry.kind} ${entry.words.toLowerCase()}`;
      if (!words.every((word) => all.includes(word))) return 0;
      return 1 + words.filter((word) => title.includes(word)).length + (title === query.toLowerCase() ? 5 : 0)
        + (title.startsWith(words[0]) ? 2 : 0) + (entry.kind === "claim" ? 0.5 : 0);
    };
    return entries.map((entry) => ({ entry, score: score(entry) })).filter((x) => x.score)
      .sort((x, y) => y.score - x.score).slice(0, 12).map((x) => x.entry);
  }

  function mountSearch() {
    const box = /** @type {HTMLInputElement | null} */ (document.querySelector("#search"));
    const list = document.querySelector("#search-results");
    if (!box || !list) return;
    const show = () => {
      const found = matches(box.value, SEARCH);
      list.replaceChildren(...found.map((entry) => {
        const link = document.createElement("a");
        link.href = ROOT + entry.href;
        const kind = document.createElement("span");
        kind.className = "kind";
        kind.textContent = entry.kind;
        link.append(entry.title, " ", kind);
        const item = document.createElement("li");
        item.append(link);
        return item;
      }));
      if (box.value.trim() && !found.length) {
        const item = document.createElement("li");
        item.textContent = "Nothing here has all of these words.";
        list.append(item);
      }
      list.toggleAttribute("hidden", !box.value.trim());
    };
    box.addEventListener("input", show);
    document.addEventListener("keydown", (event) => {
      const typing = /** @type {HTMLElement} */ (event.target).closest("input, textarea, select");
      if (event.key === "/" && !typing) {
        event.preventDefault();
        box.focus();
      } else if (event.key === "Escape" && !list.hasAttribute("hidden")) {
        box.value = "";
        show();
      }
    });
  }

  document.addEventListener("DOMContentLoaded", mountSearch);
  return { matches };
})();
