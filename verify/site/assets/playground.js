// The playground: two numbers, a format, a rewrite; every step in value and in bits.

const Playground = (() => {
  /** @param {Element} root @param {string} selector */
  function find(root, selector) {
    const found = root.querySelector(selector);
    if (!found) throw new Error(`${selector} is missing`);
    return /** @type {HTMLElement} */ (found);
  }

  /** @param {string} name @param {Record<string, string>} attributes @param {(Node | string)[]} children */
  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /** Bits in groups that differ in more than colour. @param {InstanceType<typeof Formats.Format>} format @param {number | bigint} value */
  function bits(format, value) {
    const row = element("span", { class: "bits" });
    for (const group of format.layout(value)) {
      row.append(element("span", { class: `bits-${group.name}`, title: `${group.name}: ${group.bits}` }, group.bits));
    }
    return row;
  }

  const LOST = {
    "": "exact",
    rounded: "rounded: the exact result lies between two numbers",
    overflowed: "overflowed: the exact result is past the largest number",
    wrapped: "wrapped around: the exact result is outside the range",
    saturated: "moved to the end of the range",
    "not a number": "not a number",
  };

  /** @param {HTMLElement} root */
  function mount(root) {
    const formats = new Map(FORMATS.map((data) => [data.name, new Formats.Format(data)]));
    const choice = /** @type {HTMLSelectElement} */ (find(root, "[name=format]"));
    const preset = /** @type {HTMLSelectElement} */ (find(root, "[name=preset]"));
    const rewrite = /** @type {HTMLInputElement} */ (find(root, "[name=rewrite]"));
    const target = /** @type {HTMLInputElement} */ (find(root, "[name=target]"));
    const inputs = ["a", "b"].map((name) => /** @type {HTMLInputElement} */ (find(root, `[name=${name}]`)));
    const verdict = find(root, ".playground-verdict");
    const table = find(root, ".playground-steps");
    const button = /** @type {HTMLButtonElement} */ (find(root, ".playground-find"));
    const status = find(root, ".playground-status");

    const format = () => {
      const chosen = formats.get(choice.value);
      if (!chosen) throw new Error(`no format ${choice.value}`);
      return chosen;
    };
    const trees = () => [Rewrites.read(rewrite.value, ["a", "b"]), Rewrites.read(target.value, ["a", "b"])];

    /** @param {InstanceType<typeof Formats.Format>} chosen @param {Step} step */
    function row(chosen, step) {
      const lossy = step.lost !== "";
      const cells = [
        element("th", { scope: "row" }, step.tree.text),
        element("td", { class: "number" }, chosen.write(step.value)),
        element("td", {}, bits(chosen, step.value)),
        element("td", step.wanted && lossy ? { class: "number" } : {}, step.wanted && lossy ? Formats.written(step.wanted) : lossy ? "—" : "the same"),
        element("td", {}, lossy ? element("strong", { class: "lost" }, `✗ ${LOST[step.lost]}`) : "✓ exact"),
      ];
      return element("tr", lossy ? { class: "lossy" } : {}, ...cells);
    }

    /** @param {InstanceType<typeof Formats.Format>} chosen @param {Record<string, number | bigint>} values @param {Step} got @param {Step} meant */
    function said(chosen, values, got, meant) {
      const same = chosen.same(got.value, meant.value);
      const parts = [
        element("strong", { class: same ? "right" : "wrong" }, same ? "✓ Equal here. " : "✗ Different. "),
        `In ${chosen.name}, ${got.tree.text} is ${chosen.write(got.value)} and ${meant.tree.text} is ${chosen.write(meant.value)}.`,
      ];
      const [x, y] = [chosen.exact(got.value), chosen.exact(meant.value)];
      if (!same && x && y) {
        let error = Formats.exact.sub(x, y);
        if (error.n < 0n) error = Formats.exact.negative(error);
        parts.push(` Off by ${Formats.written(error)}`);
        const ulp = typeof meant.value === "number" ? chosen.ulp(meant.value) : null;
        if (ulp) parts.push(`, ${count(Formats.exact.div(error, ulp))} ulp of the right result`);
        parts.push(".");
      }
      const [a, b] = [chosen.exact(values.a), chosen.exact(values.b)];
      const difference = /^ReLU\((a − b|b − a)\) \+ (a|b)$/.test(got.tree.text) && /^max\((a, b|b, a)\)$/.test(meant.tree.text);
      if (difference && chosen.isFloat && chosen.infinities && a && b && x) {
        let gap = Formats.exact.sub(a, b);
        if (gap.n < 0n) gap = Formats.exact.negative(gap);
        const { n, d } = chosen.unit;
        const bound = Formats.exact.mul(Formats.ratio(2n * n, d + n), gap);
        parts.push(
          " The ",
          element("a", { href: `${ROOT}claims/max-is-relu-error-bound.html` }, "proved bound"),
          ` 2u/(1 + u)·|a − b| is ${brief(bound)} here.`,
        );
      }
      return parts;
    }

    /** @param {Exact} x */
    const brief = (x) => (Formats.written(x).length <= 14 ? Formats.written(x) : Formats.minus((Number(x.n) / Number(x.d)).toPrecision(4)));
    /** @param {Exact} x */
    const count = (x) => (x.d === 1n ? x.n.toString() : brief(x));

    function show() {
      table.replaceChildren();
      try {
        const chosen = format();
        /** @type {Record<string, number | bigint>} */
        const values = {};
        const notes = [];
        for (const input of inputs) {
          const read = chosen.read(input.value);
          values[input.name] = read.value;
          if (!read.exact) notes.push(`${input.name} = ${input.value.trim()} is held as ${chosen.write(read.value)}. `);
        }
        const [left, right] = trees();
        const [got, meant] = [Rewrites.steps(chosen, left, values), Rewrites.steps(chosen, right, values)];
        verdict.replaceChildren(...said(chosen, values, got[got.length - 1], meant[meant.length - 1]));
        if (notes.length) verdict.append(element("span", { class: "note" }, ` ${notes.join("")}`));
        for (const name of ["a", "b"]) {
          table.append(element("tr", { class: "given" },
            element("th", { scope: "row" }, name),
            element("td", { class: "number" }, chosen.write(values[name])),
            element("td", {}, bits(chosen, values[name])),
            element("td", {}, "given"), element("td", {}, "")));
        }
        const shown = new Set();
        for (const step of [...got, ...meant]) {
          if (shown.has(step.tree.text)) continue;
          shown.add(step.tree.text);
          table.append(row(chosen, step));
        }
      } catch (problem) {
        verdict.replaceChildren(element("span", { class: "problem" }, /** @type {Error} */ (problem).message));
      }
    }

    let turn = 0;
    function search() {
      const mine = ++turn;
      status.textContent = "";
      let chosen, left, right;
      try {
        chosen = format();
        [left, right] = trees();
        // What cannot be computed at all is said before the search begins.
        Rewrites.steps(chosen, left, { a: chosen.isFloat ? 1 : 1n, b: chosen.isFloat ? 1 : 1n });
      } catch (problem) {
        status.textContent = /** @type {Error} */ (problem).message;
        return;
      }
      const looking = Rewrites.search(chosen, left, right);
      const go = () => {
        if (mine !== turn) return;
        const until = performance.now() + 30;
        try {
          for (;;) {
            const next = looking.next();
            if (next.done) {
              report(/** @type {InstanceType<typeof Formats.Format>} */ (chosen), next.value);
              return;
            }
            status.textContent = `${next.value.toLocaleString("en")} pairs …`;
            if (performance.now() > until) break;
          }
        } catch (problem) {
          status.textContent = /** @type {Error} */ (problem).message;
          return;
        }
        setTimeout(go);
      };
      go();
    }

    /** @param {InstanceType<typeof Formats.Format>} chosen @param {{ found: (number | bigint)[] | null, tried: number, complete: boolean }} result */
    function report(chosen, result) {
      const tried = result.tried.toLocaleString("en");
      if (result.found) {
        inputs.forEach((input, place) => {
          input.value = chosen.write(/** @type {(number | bigint)[]} */ (result.found)[place]);
        });
        status.textContent = `Found at the ${tried}${ordinal(result.tried)} pair.`;
        show();
      } else {
        status.textContent = result.complete
          ? `All 65,536 pairs of ${chosen.name} were tried: they are equal at every one.`
          : `${tried} pairs were tried, none differs. That is no proof: the matrix has those.`;
      }
    }

    /** @param {number} number */
    function ordinal(number) {
      const [tens, ones] = [Math.floor(number / 10) % 10, number % 10];
      return tens === 1 ? "th" : (["th", "st", "nd", "rd"][ones] ?? "th");
    }

    preset.addEventListener("change", () => {
      if (preset.value) [rewrite.value, target.value] = preset.value.split(" = ");
      show();
    });
    for (const control of [choice, rewrite, target, ...inputs]) control.addEventListener("input", show);
    button.addEventListener("click", search);
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      show();
    });
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form.playground").forEach((root) => mount(/** @type {HTMLElement} */ (root)));
  });

  return { element, bits, find };
})();
