// "Check it here": an obligation of a cell, put to Z3 in the reader's own browser.

const Solver = (() => {
  const PATIENCE = 60_000;

  /**
   * Whether this page may share memory between threads; asks for it where it can be had, and comes
   * back to the obligation after loading the page again.
   * @param {string} file
   */
  async function isolated(file) {
    if (crossOriginIsolated) return true;
    if (!("serviceWorker" in navigator) || location.protocol === "file:") return false;
    await navigator.serviceWorker.register(`${ROOT}isolation.js`);
    await navigator.serviceWorker.ready;
    // The headers count from the next load on; once is enough to know.
    if (sessionStorage.getItem("isolated")) return false;
    sessionStorage.setItem("isolated", file);
    location.reload();
    return new Promise(() => {});
  }

  /** What Z3 says of an obligation. @param {string} text @returns {Promise<string>} */
  function ask(text) {
    const worker = new Worker(`${ROOT}assets/solver-worker.js`);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => finish(() => resolve("unknown: no answer within a minute")), PATIENCE);
      /** @param {() => void} then */
      function finish(then) {
        clearTimeout(late);
        worker.terminate();
        then();
      }
      worker.onmessage = (message) => finish(() => resolve(message.data));
      worker.onerror = (error) => finish(() => reject(new Error(error.message || "Z3 did not start")));
      worker.postMessage(text);
    });
  }

  /** @param {HTMLButtonElement} button */
  async function check(button) {
    const says = /** @type {HTMLElement} */ (button.nextElementSibling);
    button.disabled = true;
    says.textContent = "asking Z3 …";
    try {
      if (!(await isolated(button.dataset.file ?? ""))) {
        says.textContent = location.protocol === "file:"
          ? "A page from a file may not run threads. Serve the folder: python -m http.server"
          : "This host does not let pages run threads.";
        return;
      }
      const text = await (await fetch(`${ROOT}obligations/${button.dataset.file}`)).text();
      const expected = text.match(/set-info :status (\w+)/)?.[1];
      const started = performance.now();
      const said = await ask(text);
      const seconds = ((performance.now() - started) / 1000).toFixed(2);
      says.textContent = said === expected ? `✓ ${said}, as expected (${seconds} s)` : `✗ ${said}, expected ${expected} (${seconds} s)`;
    } catch (problem) {
      says.textContent = `✗ ${/** @type {Error} */ (problem).message}`;
    } finally {
      button.disabled = false;
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button.check"))) {
      button.addEventListener("click", () => check(button));
      if (crossOriginIsolated && sessionStorage.getItem("isolated") === button.dataset.file) {
        sessionStorage.setItem("isolated", "done");
        const details = /** @type {HTMLDetailsElement | null} */ (button.closest("details"));
        if (details) details.open = true;
        button.scrollIntoView({ block: "center" });
        check(button);
      }
    }
  });

  return { ask };
})();
