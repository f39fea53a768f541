// Windows: where they lie along each axis, their taps, and what pooling them costs.
//
// Everything is counted here by walking through the windows; `costmodel` has closed forms. Tests
// hold the two against each other.

/**
 * One axis: its size, and how windows lie on it.
 * @typedef {object} AxisInput
 * @property {number} size
 * @property {number} kernel
 * @property {number} stride
 * @property {number} dilation
 * @property {number} before padding as the convention has it written
 * @property {number} after
 */

/**
 * @typedef {object} PoolingInput
 * @property {"max" | "avg"} operator
 * @property {string} convention
 * @property {boolean} ceil
 * @property {number} channels
 * @property {number} bytes of an element
 * @property {AxisInput[]} axes
 */

const Windows = (() => {
  const CONVENTIONS = [
    { name: "torch", writes: "sides", says: "torch: a number for each side" },
    { name: "total", writes: "total", says: "the chapter: rows and columns in all, the odd one before" },
    { name: "valid", writes: "", says: "TensorFlow: valid, none" },
    { name: "same", writes: "", says: "TensorFlow: same, as many outputs as input / stride" },
    { name: "SAME_LOWER", writes: "", says: "ONNX: SAME_LOWER, the odd one before" },
    { name: "onnx", writes: "sides", says: "ONNX: pads, each edge" },
    { name: "full", writes: "each", says: "MXNet: full, each side" },
  ];

  /**
   * The padding before and after an axis, and how many windows there are.
   * @param {PoolingInput} input
   * @param {AxisInput} axis
   */
  function place(input, axis) {
    const { size, kernel, stride, dilation } = axis;
    const span = dilation * (kernel - 1) + 1;
    let { before, after } = axis;
    const { convention } = input;
    if (convention === "total") [before, after] = [Math.ceil(before / 2), Math.floor(before / 2)];
    else if (convention === "full") after = before;
    else if (convention === "valid") [before, after] = [0, 0];
    else if (convention === "same" || convention === "SAME_LOWER") {
      const rest = (stride - (size % stride)) % stride;
      const missing = Math.max(span - stride + rest, 0);
      const [less, more] = [Math.floor(missing / 2), Math.ceil(missing / 2)];
      [before, after] = convention === "same" ? [less, more] : [more, less];
    }
    if (convention === "torch" && 2 * Math.max(before, after) > kernel) {
      throw new RangeError(`torch wants padding of at most half the kernel, ${Math.floor(kernel / 2)}, not ${Math.max(before, after)}`);
    }
    if (convention !== "torch" && Math.max(before, after) >= span) {
      throw new RangeError(`padding of ${Math.max(before, after)} on a side would leave windows of ${span} without any tap`);
    }
    if (convention === "full" && dilation !== 1) throw new RangeError("MXNet's full has no dilation");
    const last = size + before + after - span;
    let outputs;
    if (convention === "full") outputs = Math.ceil(last / stride) + 1;
    else if (input.ceil) outputs = Math.min(Math.ceil(last / stride), Math.floor((size + before - 1) / stride)) + 1;
    else outputs = Math.floor(last / stride) + 1;
    if (outputs < 1 || last < 0 && !input.ceil && convention !== "full") throw new RangeError(`no window of ${span} fits into ${size + before + after}`);
    return { before, after, outputs, span };
  }

  /** The taps of every window along an axis, as positions in the input. @param {AxisInput} axis @param {{before: number, outputs: number}} placed */
  function tapsOf(axis, placed) {
    const windows = [];
    for (let i = 0; i < placed.outputs; i++) {
      const taps = [];
      for (let j = 0; j < axis.kernel; j++) {
        const position = i * axis.stride - placed.before + j * axis.dilation;
        if (position >= 0 && position < axis.size) taps.push(position);
      }
      windows.push(taps);
    }
    return windows;
  }

  /** Everything that a pooling comes to. @param {PoolingInput} input */
  function count(input) {
    const ceilless = !["torch", "total", "onnx"].includes(input.convention);
    if (input.ceil && ceilless) throw new RangeError(`${input.convention} has no ceil_mode`);
    const placed = input.axes.map((axis) => place(input, axis));
    const windows = input.axes.map((axis, number) => tapsOf(axis, placed[number]));
    /** @param {(windows: number[][]) => number} f */
    const product = (f) => windows.reduce((all, along) => all * f(along), input.channels);
    const outputs = product((along) => along.length);
    const taps = product((along) => along.reduce((sum, taps) => sum + taps.length, 0));
    const occupied = product((along) => along.filter((taps) => taps.length).length);
    const touched = product((along) => new Set(along.flat()).size);
    const combinations = taps - occupied;
    const divisions = input.operator === "avg" ? outputs : 0;
    return {
      placed, windows, outputs, taps, occupied, touched, combinations, divisions,
      flops: combinations + divisions,
      bytes: (touched + outputs) * input.bytes,
    };
  }

  /** What others say of the same layer. @param {PoolingInput} input @param {ReturnType<typeof count>} counted */
  function countings(input, counted) {
    const elements = input.axes.reduce((all, axis) => all * axis.kernel, 1);
    const average = input.operator === "avg" ? counted.outputs : 0;
    const all = input.channels * input.axes.reduce((product, axis) => product * axis.size, 1);
    /** @param {boolean} floors */
    const popular = (floors) => input.axes.reduce((product, axis, number) => {
      const { before, after } = counted.placed[number];
      const windows = (axis.size + before + after - axis.kernel) / axis.stride + 1;
      return product * (floors ? Math.floor(windows) : windows);
    }, input.channels) * elements;
    return [
      { name: "exact", says: "what is executed", value: counted.flops },
      { name: "window", says: "the textbook: every window in full; XLA's analysis", value: counted.outputs * (elements - 1) + average },
      { name: "mac", says: "one multiply-add for every position, as a convolution is charged", value: counted.outputs * elements },
      { name: "popular_floor", says: "a popular answer to the chapter's question", value: popular(true) },
      { name: "popular_real", says: "another one, without floors", value: popular(false) },
      { name: "input", says: "calflops: the elements of the input", value: all },
      { name: "nothing", says: "torch's FlopCounterMode, torchinfo: pooling is not counted", value: 0 },
    ];
  }

  /** The rule for the number of windows, with numbers in it. @param {PoolingInput} input @param {AxisInput} axis @param {ReturnType<typeof place>} placed */
  function sizeRule(input, axis, placed) {
    const inside = `(${axis.size} + ${placed.before} + ${placed.after} − ${placed.span}) / ${axis.stride}`;
    const up = input.ceil || input.convention === "full";
    const rule = up ? `⌈${inside}⌉ + 1` : `⌊${inside}⌋ + 1`;
    return `${rule} = ${placed.outputs}${input.ceil && Math.ceil((axis.size + placed.before + placed.after - placed.span) / axis.stride) + 1 > placed.outputs ? ", less one that would begin in the padding" : ""}`;
  }

  const SVG = "http://www.w3.org/2000/svg";
  /** @param {string} name @param {Record<string, string | number>} attributes @param {string} [text] */
  function drawn(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** @param {HTMLElement} root */
  function mount(root) {
    /** @param {string} selector */
    const find = (selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
    /** @param {string} name */
    const control = (name) => /** @type {HTMLInputElement} */ (root.querySelector(`[name=${name}]`));
    const picture = find(".windows-input");
    const result = find(".windows-output");
    const problem = find(".windows-problem");
    const figures = find(".windows-figures");
    const rules = find(".windows-rules");
    const others = find(".windows-others");
    const where = find(".windows-where");
    let chosen = [0, 0];
    let timer = 0;

    const AXES = [["top", "bottom", "rows"], ["left", "right", "columns"]];

    /** @returns {PoolingInput} */
    function read() {
      const number = (/** @type {string} */ name) => Number(control(name).value);
      return {
        operator: /** @type {"max" | "avg"} */ (control("operator").value),
        convention: control("convention").value,
        ceil: control("ceil").checked,
        channels: Math.max(1, Math.floor(number("channels")) || 1),
        bytes: number("bytes"),
        axes: AXES.map(([before, after, name]) => ({
          size: number(name), kernel: number(`kernel_${name}`), stride: number(`stride_${name}`),
          dilation: number(`dilation_${name}`), before: number(before), after: number(after),
        })),
      };
    }

    /** @param {PoolingInput} input */
    function label(input) {
      const writes = CONVENTIONS.find((convention) => convention.name === input.convention)?.writes ?? "";
      for (const [before, after, name] of AXES) {
        control(before).disabled = !writes;
        control(after).disabled = writes !== "sides";
        find(`[for=w-${before}]`).textContent = { sides: `padding ${before}`, total: `${name} of padding in all`, each: `padding, each side (${name})`, "": `padding ${before}` }[writes] ?? "";
      }
      for (const slider of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("input[type=range]"))) {
        const output = root.querySelector(`output[for=${slider.id}]`);
        if (output) output.textContent = slider.disabled ? "–" : slider.value;
      }
    }

    /** @param {PoolingInput} input @param {ReturnType<typeof count>} counted */
    function draw(input, counted) {
      const [rows, columns] = input.axes;
      const [down, across] = counted.placed;
      const extent = input.axes.map((axis, n) => {
        const end = (counted.placed[n].outputs - 1) * axis.stride + counted.placed[n].span - counted.placed[n].before;
        return Math.max(axis.size + counted.placed[n].after, end);
      });
      const [height, width] = [extent[0] + down.before, extent[1] + across.before];
      const cell = 22;
      picture.replaceChildren();
      picture.setAttribute("viewBox", `-1 -1 ${width * cell + 2} ${height * cell + 2}`);
      picture.setAttribute("style", `width: ${Math.min(width * cell * 1.5, 620)}px`);
      const [i, j] = chosen;
      const taps = new Set();
      for (const y of counted.windows[0][i]) for (const x of counted.windows[1][j]) taps.add(`${y},${x}`);
      for (let y = -down.before; y < extent[0]; y++) {
        for (let x = -across.before; x < extent[1]; x++) {
          const inside = y >= 0 && x >= 0 && y < rows.size && x < columns.size;
          const lit = taps.has(`${y},${x}`);
          const placeOf = { x: (x + across.before) * cell, y: (y + down.before) * cell, width: cell, height: cell };
          picture.append(drawn("rect", { ...placeOf, class: lit ? "tap" : inside ? "element" : "padding" }));
          if (inside) picture.append(drawn("text", { x: placeOf.x + cell / 2, y: placeOf.y + cell / 2 + 4, class: lit ? "tap-value" : "value" }, String(value(y, x))));
        }
      }
      picture.append(drawn("rect", {
        x: (j * columns.stride) * cell, y: (i * rows.stride) * cell,
        width: across.span * cell, height: down.span * cell, class: "window",
      }));
      result.replaceChildren();
      result.setAttribute("viewBox", `-1 -1 ${across.outputs * cell * 1.6 + 2} ${down.outputs * cell + 2}`);
      result.setAttribute("style", `width: ${Math.min(across.outputs * cell * 2, 620)}px`);
      for (let y = 0; y < down.outputs; y++) {
        for (let x = 0; x < across.outputs; x++) {
          const box = drawn("rect", { x: x * cell * 1.6, y: y * cell, width: cell * 1.6, height: cell, class: y === i && x === j ? "output chosen" : "output" });
          box.addEventListener("click", () => { chosen = [y, x]; show(); });
          result.append(box, drawn("text", { x: (x + 0.5) * cell * 1.6, y: y * cell + cell / 2 + 4, class: "value" }, pooled(input, counted, y, x)));
        }
      }
      const number = counted.windows[0][i].length * counted.windows[1][j].length;
      where.textContent = `Window (${i}, ${j}): ${number} tap${number === 1 ? "" : "s"} inside the input, ${Math.max(number - 1, 0)} ${input.operator === "max" ? "comparison" : "addition"}${number - 1 === 1 ? "" : "s"}${input.operator === "avg" ? " and a division" : ""}; output ${pooled(input, counted, i, j)}.`;
    }

    /** Something to pool. @param {number} y @param {number} x */
    const value = (y, x) => (y * 37 + x * 11 + ((y * x) % 7) * 5) % 50;

    /** @param {PoolingInput} input @param {ReturnType<typeof count>} counted @param {number} i @param {number} j */
    function pooled(input, counted, i, j) {
      const values = counted.windows[0][i].flatMap((y) => counted.windows[1][j].map((x) => value(y, x)));
      if (input.operator === "max") return values.length ? String(Math.max(...values)) : "−∞";
      // The divisor counts padding, and what of a window lies inside the padded input.
      const within = input.axes.reduce((all, axis, n) => {
        const start = [i, j][n] * axis.stride - counted.placed[n].before;
        const end = axis.size + counted.placed[n].after;
        return all * Math.min(axis.kernel, Math.ceil((end - start) / axis.dilation));
      }, 1);
      return (values.reduce((sum, one) => sum + one, 0) / within).toFixed(1).replace(/\.0$/, "");
    }

    function show() {
      const input = read();
      label(input);
      let counted;
      try {
        counted = count(input);
      } catch (refusal) {
        problem.textContent = /** @type {Error} */ (refusal).message;
        return;
      }
      problem.textContent = "";
      chosen = chosen.map((place, axis) => Math.min(place, /** @type {ReturnType<typeof count>} */ (counted).placed[axis].outputs - 1));
      draw(input, counted);
      const say = (/** @type {number} */ number) => number.toLocaleString("en", { maximumFractionDigits: 2 });
      const shape = counted.placed.map((placed) => placed.outputs).join(" × ");
      const rows = [
        ["output", `${input.channels} × ${shape}`, "channels × rows × columns"],
        ["outputs", say(counted.outputs), "elements written"],
        ["taps", say(counted.taps), "positions of windows inside the input"],
        [input.operator === "max" ? "comparisons" : "additions", say(counted.combinations), "one fewer than taps for each window that has any"],
        ...(input.operator === "avg" ? [["divisions", say(counted.divisions), "one for each output"]] : []),
        ["FLOPs", say(counted.flops), "all of them"],
        ["bytes", say(counted.bytes), `${say(counted.touched)} elements read, each output written`],
      ];
      figures.replaceChildren(...rows.map(([name, number, note]) => row([name, number, note])));
      const [T, E] = [counted.windows.map((along) => along.reduce((sum, taps) => sum + taps.length, 0)), counted.windows.map((along) => along.filter((taps) => taps.length).length)];
      const name = input.operator === "max" ? "comparisons" : "additions";
      rules.replaceChildren(...[
        `o = ${input.ceil || input.convention === "full" ? "⌈" : "⌊"}(n + before + after − (d·(k − 1) + 1)) / s${input.ceil || input.convention === "full" ? "⌉" : "⌋"} + 1`,
        `rows: ${sizeRule(input, input.axes[0], counted.placed[0])}`,
        `columns: ${sizeRule(input, input.axes[1], counted.placed[1])}`,
        `${name} = C · (T_H · T_W − E_H · E_W) = ${input.channels} · (${T[0]} · ${T[1]} − ${E[0]} · ${E[1]}) = ${say(counted.combinations)}`,
        ...(input.operator === "avg" ? [`divisions = C · o_H · o_W = ${say(counted.divisions)}`] : []),
      ].map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }));
      others.replaceChildren(...countings(input, counted).map(({ says, value: number }) =>
        row([says, say(number), number === counted.flops ? "=" : counted.flops ? `${(100 * number / counted.flops).toFixed(1)} %` : "–"])));
    }

    /** @param {string[]} cells */
    function row(cells) {
      const made = document.createElement("tr");
      cells.forEach((text, place) => {
        const cell = document.createElement(place ? "td" : "th");
        if (!place) cell.setAttribute("scope", "row");
        if (place === 1) cell.className = "number";
        cell.textContent = text;
        made.append(cell);
      });
      return made;
    }

    /** @param {number} by */
    function move(by) {
      const { placed } = count(read());
      const [rows, columns] = placed.map((axis) => axis.outputs);
      const next = (chosen[0] * columns + chosen[1] + by + rows * columns) % (rows * columns);
      chosen = [Math.floor(next / columns), next % columns];
      show();
    }

    root.addEventListener("input", show);
    find(".windows-previous").addEventListener("click", () => move(-1));
    find(".windows-next").addEventListener("click", () => move(1));
    const slide = find(".windows-slide");
    slide.addEventListener("click", () => {
      const going = timer !== 0;
      clearInterval(timer);
      timer = going ? 0 : setInterval(() => move(1), 600);
      slide.textContent = going ? "Slide" : "Stop";
    });
    root.addEventListener("submit", (event) => event.preventDefault());
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form.windows").forEach((root) => mount(/** @type {HTMLElement} */ (root)));
  });

  return { CONVENTIONS, count, countings };
})();
