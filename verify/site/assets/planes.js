// The plane of all pairs of a small format: where a form of the maximum fails, from the whole plane
// down to single pairs. Numbers are in their order along both axes, so that every one is there.
//
// The whole plane comes from a sweep over every pair, made when the site was written: each of its
// cells says how many of its pairs fail. Nearer, pairs are computed here: all of those that a
// pixel stands for if they are few, else some of them, and the page says which.

/** @typedef {{ format: string, form: string, rewrite: string, side: number, cells: number, counts: string }} PlaneData */

const Planes = (() => {
  /** Pairs that a pixel tries at the most. */
  const MOST = 16;

  /** All finite values of a format in their order. @param {InstanceType<typeof Formats.Format>} format */
  function ordered(format) {
    const values = [];
    for (let pattern = 0; pattern < 2 ** format.bits; pattern++) {
      const value = Number(format.ofBits(BigInt(pattern)));
      if (Number.isFinite(value) && !Object.is(value, -0)) values.push(value);
    }
    return Float64Array.from(values).sort();
  }

  /** @param {HTMLElement} root */
  function mount(root) {
    const canvas = /** @type {HTMLCanvasElement} */ (root.querySelector("canvas"));
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const choice = /** @type {HTMLSelectElement} */ (root.querySelector("[name=plane]"));
    const formChoice = /** @type {HTMLSelectElement} */ (root.querySelector("[name=form]"));
    const says = /** @type {HTMLElement} */ (root.querySelector(".planes-says"));
    const pair = /** @type {HTMLElement} */ (root.querySelector(".planes-pair"));
    const size = canvas.width;
    /** @type {Map<string, Float64Array>} */
    const known = new Map();
    const state = { x: 0, y: 0, span: 1, values: /** @type {Float64Array<ArrayBufferLike>} */ (new Float64Array(0)) };
    /** @type {(a: number, b: number) => number} */
    let f = () => 0;
    /** @type {InstanceType<typeof Formats.Format>} */
    let format = new Formats.Format(FORMATS[0]);
    /** @type {Tree[]} */
    let trees = [];

    function choose() {
      const data = FORMATS.find((one) => one.name === choice.value);
      if (!data) return;
      format = new Formats.Format(data);
      if (!known.has(format.name)) known.set(format.name, ordered(format));
      state.values = /** @type {Float64Array} */ (known.get(format.name));
      trees = [Rewrites.read(formChoice.value, ["a", "b"]), Rewrites.read("max(a, b)", ["a", "b"])];
      f = Rewrites.quick(format, trees[0]);
      whole();
    }

    function whole() {
      Object.assign(state, { x: 0, y: 0, span: state.values.length });
      draw();
      show(Math.floor(size / 2), Math.floor(size / 2));
    }

    /** Whether the form fails at the pair of the places x and y. @param {number} x @param {number} y */
    function fails(x, y) {
      const [a, b] = [state.values[x], state.values[y]];
      const value = f(a, b);
      return !(value === (a < b ? b : a));
    }

    function draw() {
      const count = state.values.length;
      const image = context.createImageData(size, size);
      const per = state.span / size;
      const swept = PLANES.find((plane) => plane.format === choice.value && plane.rewrite === formChoice.value);
      const useSweep = swept !== undefined && state.span >= count * 0.999;
      const many = per > Math.sqrt(MOST);
      let wrong = 0;
      const shares = useSweep ? decoded(swept) : null;
      for (let py = 0; py < size; py++) {
        for (let px = 0; px < size; px++) {
          let share;
          if (shares) {
            const cells = /** @type {PlaneData} */ (swept).cells;
            const [cx, cy] = [Math.floor((px * cells) / size), Math.floor((py * cells) / size)];
            share = shares[cy * cells + cx];
          } else share = shareAt(px, py, per, count);
          wrong += share;
          paint(image.data, 4 * ((size - 1 - py) * size + px), share);
        }
      }
      context.putImageData(image, 0, 0);
      const [low, high] = [state.values[Math.floor(state.x)], state.values[Math.min(Math.ceil(state.x + state.span) - 1, count - 1)]];
      says.textContent = `${format.name}: a from ${format.write(low)} to ${format.write(high)} (across), b from ${format.write(state.values[Math.floor(state.y)])} to ${format.write(state.values[Math.min(Math.ceil(state.y + state.span) - 1, count - 1)])} (up). `
        + `${((100 * wrong) / (size * size)).toFixed(2)} % of what is shown fails. `
        + (useSweep ? `Every one of the ${(count * count).toLocaleString("en")} pairs was tried when this page was made.`
          : many ? `A pixel stands for ${Math.round(per * per).toLocaleString("en")} pairs, of which ${MOST} are tried: zoom in for all of them.`
            : "Every pair is tried.");
    }

    /** @param {PlaneData} plane */
    function decoded(plane) {
      const bytes = Uint8Array.from(atob(plane.counts), (letter) => letter.charCodeAt(0));
      return Float64Array.from(bytes, (byte) => byte / 255);
    }

    /** @param {number} px @param {number} py @param {number} per @param {number} count */
    function shareAt(px, py, per, count) {
      const [x0, y0] = [state.x + px * per, state.y + py * per];
      const tries = per > 4 ? 4 : Math.max(1, Math.ceil(per));
      let bad = 0;
      let all = 0;
      for (let i = 0; i < tries; i++) {
        for (let j = 0; j < tries; j++) {
          const x = Math.floor(x0 + ((i + 0.5) * per) / tries);
          const y = Math.floor(y0 + ((j + 0.5) * per) / tries);
          if (x >= count || y >= count || x < 0 || y < 0) continue;
          all++;
          if (fails(x, y)) bad++;
        }
      }
      return all ? bad / all : 0;
    }

    const dark = matchMedia("(prefers-color-scheme: dark)");
    /** @param {Uint8ClampedArray} data @param {number} place @param {number} share */
    function paint(data, place, share) {
      const shown = share ? 0.25 + 0.75 * share : 0;
      const [from, to] = dark.matches ? [[24, 36, 44], [255, 160, 90]] : [[232, 240, 246], [165, 40, 10]];
      for (let channel = 0; channel < 3; channel++) data[place + channel] = from[channel] + (to[channel] - from[channel]) * shown;
      data[place + 3] = 255;
    }

    /** @param {number} px @param {number} py */
    function show(px, py) {
      const per = state.span / size;
      const count = state.values.length;
      const x = Math.min(Math.floor(state.x + (px + 0.5) * per), count - 1);
      const y = Math.min(Math.floor(state.y + (size - 1 - py + 0.5) * per), count - 1);
      const [a, b] = [state.values[x], state.values[y]];
      const held = format.isFloat ? { a, b } : { a: BigInt(a), b: BigInt(b) };
      const steps = Rewrites.steps(format, trees[0], held);
      const last = steps[steps.length - 1];
      const lost = steps.find((step) => step.lost);
      const meant = format.write(format.isFloat ? Math.max(a, b) : BigInt(Math.max(a, b)));
      pair.textContent = `a = ${format.write(held.a)}, b = ${format.write(held.b)}: ${last.tree.text} is ${format.write(last.value)}, the maximum ${meant}. `
        + (format.write(last.value) === meant ? "✓ Right" : "✗ Wrong")
        + (lost ? `; ${lost.tree.text} was ${lost.lost}.` : ".");
    }

    /** @param {number} factor @param {number} px @param {number} py */
    function zoom(factor, px, py) {
      const count = state.values.length;
      const span = Math.min(Math.max(state.span * factor, 8), count);
      const [u, v] = [px / size, (size - 1 - py) / size];
      state.x = Math.min(Math.max(state.x + u * (state.span - span), 0), count - span);
      state.y = Math.min(Math.max(state.y + v * (state.span - span), 0), count - span);
      state.span = span;
      draw();
      show(px, py);
    }

    /** @param {MouseEvent} event */
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [Math.floor(((event.clientX - box.left) / box.width) * size), Math.floor(((event.clientY - box.top) / box.height) * size)];
    };
    canvas.addEventListener("pointermove", (event) => {
      const [px, py] = at(event);
      show(px, py);
    });
    canvas.addEventListener("click", (event) => {
      const [px, py] = at(event);
      zoom(event.shiftKey ? 2 : 0.5, px, py);
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const [px, py] = at(event);
      zoom(event.deltaY > 0 ? 1.5 : 1 / 1.5, px, py);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      const middle = size / 2;
      const step = state.span / 4;
      const moves = /** @type {Record<string, number[]>} */ ({ ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] });
      if (event.key === "+" || event.key === "=") zoom(0.5, middle, middle);
      else if (event.key === "-") zoom(2, middle, middle);
      else if (event.key === "0") whole();
      else if (moves[event.key]) {
        event.preventDefault();
        const most = state.values.length - state.span;
        state.x = Math.min(Math.max(state.x + moves[event.key][0], 0), most);
        state.y = Math.min(Math.max(state.y + moves[event.key][1], 0), most);
        draw();
        show(middle, middle);
      }
    });
    root.querySelector(".planes-in")?.addEventListener("click", () => zoom(0.5, size / 2, size / 2));
    root.querySelector(".planes-out")?.addEventListener("click", () => zoom(2, size / 2, size / 2));
    root.querySelector(".planes-whole")?.addEventListener("click", whole);
    for (const control of [choice, formChoice]) control.addEventListener("change", choose);
    root.addEventListener("submit", (event) => event.preventDefault());
    dark.addEventListener("change", draw);
    choose();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form.planes").forEach((root) => mount(/** @type {HTMLElement} */ (root)));
  });

  return { ordered };
})();
