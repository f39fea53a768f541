// ReLU networks of a maximum, drawn as layers: values flow through them as they are typed. And the
// finder of an input at which a network of one hidden layer is not the maximum of three.

/**
 * A network: for each layer its rows of weights, and its biases; entries are fractions as text.
 * @typedef {{ name: string, taps: number, scheme: string, layers: { weights: string[][], bias: string[] }[] }} NetworkData
 */

const Networks = (() => {
  const { exact, written, ZERO } = Formats;

  /** @param {string} text @returns {Exact} */
  function number(text) {
    const read = Formats.fraction(text.trim().replace(/[−–]/g, "-"));
    if (!read) throw new RangeError(`“${text.trim()}” is no number`);
    return read;
  }

  /** The values of every layer before its ReLU, the inputs first. @param {{ weights: Exact[][], bias: Exact[] }[]} layers @param {Exact[]} inputs */
  function run(layers, inputs) {
    const all = [inputs];
    let values = inputs;
    layers.forEach((layer, place) => {
      const taken = place ? values.map((value) => (value.n < 0n ? ZERO : value)) : values;
      values = layer.weights.map((row, neuron) =>
        row.reduce((sum, weight, i) => (weight.n === 0n ? sum : exact.add(sum, exact.mul(weight, taken[i]))), layer.bias[neuron]));
      all.push(values);
    });
    return all;
  }

  /** @param {NetworkData} data */
  function parsed(data) {
    return data.layers.map((layer) => ({ weights: layer.weights.map((row) => row.map(number)), bias: layer.bias.map(number) }));
  }

  /** @param {Exact[]} values */
  const largest = (values) => values.reduce((a, b) => (exact.less(a, b) ? b : a));

  /**
   * An input at which a network with one hidden layer is not the maximum, and its error: the proof
   * of the claim one-layer-cannot-do-three, followed for this network.
   * @param {{ weights: Exact[][], bias: Exact[] }[]} layers
   */
  function refuteOneLayer(layers) {
    const [hidden, outer] = layers;
    const size = hidden.weights[0].length;
    if (layers.length !== 2 || size < 3) throw new RangeError("one hidden layer and three inputs or more are wanted");
    const constant = hidden.bias.reduce((sum, bias, i) => {
      const product = exact.mul(outer.weights[0][i], bias);
      return exact.add(sum, product.n < 0n ? exact.negative(product) : product);
    }, ZERO);
    const scale = exact.add(exact.mul({ n: 4n, d: 1n }, constant), { n: 8n, d: 1n });
    let worst = { point: /** @type {Exact[]} */ ([]), error: /** @type {Exact} */ ({ n: -1n, d: 1n }), got: ZERO, meant: ZERO };
    for (const ones of [[0], [1], [2], [0, 1, 2]]) {
      for (const signed of [scale, exact.negative(scale)]) {
        const point = Array.from({ length: size }, (_, i) => (ones.includes(i) ? signed : ZERO));
        const got = /** @type {Exact[]} */ (run(layers, point).at(-1))[0];
        const meant = largest(point);
        let error = exact.sub(got, meant);
        if (error.n < 0n) error = exact.negative(error);
        if (exact.less(worst.error, error)) worst = { point, error, got, meant };
      }
    }
    return worst;
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
    const choice = /** @type {HTMLSelectElement} */ (root.querySelector("[name=network]"));
    const values = /** @type {HTMLInputElement} */ (root.querySelector("[name=values]"));
    const picture = /** @type {SVGElement} */ (root.querySelector("svg"));
    const says = /** @type {HTMLElement} */ (root.querySelector(".networks-says"));
    const weights = /** @type {HTMLElement} */ (root.querySelector(".networks-weights"));

    function show() {
      const data = NETWORKS[Number(choice.value)];
      const layers = parsed(data);
      let inputs;
      try {
        inputs = values.value.split(/[\s,;]+/).filter(Boolean).map(number);
        if (inputs.length !== data.taps) throw new RangeError(`${data.taps} numbers are wanted, ${inputs.length} are there`);
      } catch (problem) {
        says.textContent = /** @type {Error} */ (problem).message;
        return;
      }
      const all = run(layers, inputs);
      draw(layers, all);
      const got = all[all.length - 1][0];
      const meant = largest(inputs);
      says.textContent = `The network gives ${written(got)}; the maximum is ${written(meant)}. ${exact.same(got, meant) ? "✓ Equal, as proved for all numbers." : "✗ Different!"}`;
    }

    /** @param {{ weights: Exact[][], bias: Exact[] }[]} layers @param {Exact[][]} all */
    function draw(layers, all) {
      const most = Math.max(...all.map((layer) => layer.length));
      const [wide, tall] = [190, Math.max(most * 34, 160)];
      picture.replaceChildren();
      picture.setAttribute("viewBox", `0 0 ${(all.length - 1) * wide + 120} ${tall + 30}`);
      const at = (/** @type {number} */ layer, /** @type {number} */ place) => ({
        x: 60 + layer * wide, y: 25 + ((place + 0.5) * tall) / all[layer].length,
      });
      layers.forEach((layer, number) => layer.weights.forEach((row, neuron) => row.forEach((weight, input) => {
        if (weight.n === 0n) return;
        const [from, to] = [at(number, input), at(number + 1, neuron)];
        const line = drawn("line", { x1: from.x + 26, y1: from.y, x2: to.x - 26, y2: to.y, class: weight.n > 0n ? "edge" : "edge negative", "stroke-width": Math.min(Math.abs(Number(weight.n) / Number(weight.d)), 2) * 1.2 });
        line.append(drawn("title", {}, `weight ${written(weight)}`));
        picture.append(line);
      })));
      all.forEach((layer, number) => {
        const last = number === all.length - 1;
        picture.append(drawn("text", { x: 60 + number * wide, y: 14, class: "head" }, number === 0 ? "inputs" : last ? "output" : `ReLU layer ${number}`));
        layer.forEach((value, place) => {
          const { x, y } = at(number, place);
          const off = number > 0 && !last && value.n <= 0n;
          const shown = off ? ZERO : value;
          picture.append(drawn("rect", { x: x - 26, y: y - 12, width: 52, height: 24, rx: 6, class: off ? "neuron off" : "neuron" }));
          const label = drawn("text", { x, y: y + 4, class: "neuron-value" }, brief(shown));
          label.append(drawn("title", {}, number && !last ? `before the ReLU: ${written(value)}` : written(value)));
          picture.append(label);
        });
      });
      weights.replaceChildren(...layers.map((layer, number) => {
        const block = document.createElement("pre");
        block.tabIndex = 0;
        block.textContent = `layer ${number + 1}, ${layer.weights.length} × ${layer.weights[0].length}${number < layers.length - 1 ? ", then ReLU" : ""}\n`
          + layer.weights.map((row) => row.map((weight) => written(weight).padStart(5)).join(" ")).join("\n");
        return block;
      }));
    }

    /** @param {Exact} value */
    const brief = (value) => {
      const text = written(value);
      return text.length <= 7 ? text : Formats.minus((Number(value.n) / Number(value.d)).toPrecision(4));
    };

    choice.addEventListener("change", () => {
      values.value = NETWORKS[Number(choice.value)].taps <= 9 ? "3 −1 4 1 −5 9 2 −6 5".split(" ").slice(0, NETWORKS[Number(choice.value)].taps).join(", ") : values.value;
      show();
    });
    values.addEventListener("input", show);
    root.addEventListener("submit", (event) => event.preventDefault());
    show();
  }

  /** @param {HTMLElement} root */
  function mountFinder(root) {
    const typed = /** @type {HTMLTextAreaElement} */ (root.querySelector("textarea"));
    const says = /** @type {HTMLElement} */ (root.querySelector(".finder-says"));
    const random = /** @type {HTMLElement} */ (root.querySelector(".finder-random"));

    function show() {
      try {
        const neurons = typed.value.split("\n").map((line) => line.trim()).filter(Boolean).map((line, place) => {
          const numbers = line.split(/[\s,;]+/).map(number);
          if (numbers.length !== 5) throw new RangeError(`neuron ${place + 1}: five numbers are wanted (three weights, bias, outer weight), ${numbers.length} are there`);
          return numbers;
        });
        if (!neurons.length) throw new RangeError("one neuron at least is wanted");
        const layers = [
          { weights: neurons.map((row) => row.slice(0, 3)), bias: neurons.map((row) => row[3]) },
          { weights: [neurons.map((row) => row[4])], bias: [ZERO] },
        ];
        const { point, error, got, meant } = refuteOneLayer(layers);
        says.textContent = `At (${point.map(written).join(", ")}) it gives ${written(got)}, and the maximum is ${written(meant)}: off by ${written(error)}.`;
      } catch (problem) {
        says.textContent = /** @type {Error} */ (problem).message;
      }
    }
    random.addEventListener("click", () => {
      const some = () => String(Math.floor(Math.random() * 9) - 4);
      typed.value = Array.from({ length: 6 }, () => Array.from({ length: 5 }, some).join(" ")).join("\n");
      show();
    });
    typed.addEventListener("input", show);
    root.addEventListener("submit", (event) => event.preventDefault());
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form.networks").forEach((root) => mount(/** @type {HTMLElement} */ (root)));
    document.querySelectorAll("form.finder").forEach((root) => mountFinder(/** @type {HTMLElement} */ (root)));
  });

  return { run, parsed, refuteOneLayer, number };
})();
