// Rewrites of a maximum as people type them: read into a tree, computed step by step in a format
// and exactly, and searched for a pair of inputs at which two of them differ.

/**
 * A node of what was typed.
 * @typedef {object} Tree
 * @property {"variable" | "number" | "call"} kind
 * @property {string} name variable, or one of add, sub, mul, div, neg, abs, relu, max, min
 * @property {Exact} [number]
 * @property {Tree[]} args
 * @property {string} text as it is shown
 */

/**
 * One operation as it went.
 * @typedef {object} Step
 * @property {Tree} tree
 * @property {number | bigint} value
 * @property {Exact | null} wanted what the operation gives on its very operands, not rounded; null if that is no number
 * @property {"" | "rounded" | "overflowed" | "wrapped" | "saturated" | "not a number"} lost
 */

const Rewrites = (() => {
  const FUNCTIONS = new Map([["relu", 1], ["abs", 1], ["max", 2], ["min", 2]]);
  const SIGNS = new Map([["add", "+"], ["sub", "−"], ["mul", "·"], ["div", "/"]]);
  const LEVEL = new Map([["add", 1], ["sub", 1], ["mul", 2], ["div", 2], ["neg", 3]]);

  /** @param {string} name @param {Tree[]} args @returns {Tree} */
  function call(name, args) {
    return { kind: "call", name, args, text: shown(name, args) };
  }

  /** @param {string} name @param {Tree[]} args */
  function shown(name, args) {
    const sign = SIGNS.get(name);
    const level = LEVEL.get(name) ?? 4;
    /** @param {Tree} arg @param {boolean} strictly */
    const inside = (arg, strictly) => {
      const own = (arg.kind === "call" && LEVEL.get(arg.name)) || (arg.text.startsWith("−") ? 1 : 4);
      return own < level || (strictly && own === level) ? `(${arg.text})` : arg.text;
    };
    if (sign) return `${inside(args[0], false)} ${sign} ${inside(args[1], true)}`;
    if (name === "neg") return `−${inside(args[0], true)}`;
    if (name === "abs") return `|${args[0].text}|`;
    return `${name === "relu" ? "ReLU" : name}(${args.map((arg) => arg.text).join(", ")})`;
  }

  /**
   * Read an expression of numbers, names, + − · /, ReLU, max, min, abs and |…|.
   * @param {string} text
   * @param {string[]} names
   * @returns {Tree}
   */
  function read(text, names) {
    const tokens = text.replace(/[−–]/g, "-").replace(/[·×]/g, "*").replace(/\btorch\.|\bF\.|\bnn\.functional\./g, "")
      .match(/\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|[a-z_]\w*|\S/gi) ?? [];
    let place = 0;
    const next = () => tokens[place];
    /** @param {string} wanted */
    function expect(wanted) {
      if (tokens[place] !== wanted) throw new SyntaxError(`“${wanted}” is missing ${place < tokens.length ? `before “${tokens[place]}”` : "at the end"}`);
      place++;
    }

    /** @returns {Tree} */
    function sum() {
      let left = product();
      while (next() === "+" || next() === "-") left = call(tokens[place++] === "+" ? "add" : "sub", [left, product()]);
      return left;
    }
    /** @returns {Tree} */
    function product() {
      let left = factor();
      while (next() === "*" || next() === "/") left = call(tokens[place++] === "*" ? "mul" : "div", [left, factor()]);
      return left;
    }
    /** @returns {Tree} */
    function factor() {
      const token = next();
      if (token === undefined) throw new SyntaxError("something is missing at the end");
      place++;
      if (token === "-") return call("neg", [factor()]);
      if (token === "+") return factor();
      if (token === "(") {
        const inside = sum();
        expect(")");
        return inside;
      }
      if (token === "|") {
        const inside = sum();
        expect("|");
        return call("abs", [inside]);
      }
      const number = /^[\d.]/.test(token) ? Formats.fraction(token.toLowerCase()) : null;
      if (number) return { kind: "number", name: token, number, args: [], text: token };
      const name = { maximum: "max", minimum: "min", fmax: "max", fmin: "min" }[token.toLowerCase()] ?? token.toLowerCase();
      const arity = FUNCTIONS.get(name);
      if (arity !== undefined) {
        expect("(");
        const args = [sum()];
        while (next() === ",") {
          place++;
          args.push(sum());
        }
        expect(")");
        if (name === "max" || name === "min") {
          if (args.length < 2) throw new SyntaxError(`${name} takes two values or more`);
          return args.slice(1).reduce((left, right) => call(name, [left, right]), args[0]);
        }
        if (args.length !== arity) throw new SyntaxError(`${token} takes ${arity} value, not ${args.length}`);
        return call(name, args);
      }
      if (names.includes(token)) return { kind: "variable", name: token, args: [], text: token };
      throw new SyntaxError(`“${token}” is not known here: use ${names.join(", ")}, numbers, + - * /, relu, max, min, abs`);
    }

    const tree = sum();
    if (place < tokens.length) throw new SyntaxError(`“${tokens[place]}” is one too many`);
    return tree;
  }

  /** The exact result of an operation on exact values; null where there is none. @param {string} name @param {Exact[]} args @returns {Exact | null} */
  function exactly(name, args) {
    const [x, y] = args;
    const { exact, ZERO } = Formats;
    switch (name) {
      case "add": return exact.add(x, y);
      case "sub": return exact.sub(x, y);
      case "mul": return exact.mul(x, y);
      case "div": return y.n === 0n ? null : exact.div(x, y);
      case "neg": return exact.negative(x);
      case "abs": return x.n < 0n ? exact.negative(x) : x;
      case "relu": return x.n < 0n ? ZERO : x;
      case "max": return exact.less(x, y) ? y : x;
      default: return exact.less(y, x) ? y : x;
    }
  }

  /** An operation on float64 values, as IEEE 754 has it, and as torch has it of NaN. @param {string} name @param {number} x @param {number} y */
  function natively(name, x, y) {
    switch (name) {
      case "add": return x + y;
      case "sub": return x - y;
      case "mul": return x * y;
      case "div": return x / y;
      case "neg": return -x;
      case "abs": return Math.abs(x);
      case "relu": return x > 0 || x !== x ? x : 0;
      case "max": return x !== x || y !== y ? NaN : y > x ? y : x;
      default: return x !== x || y !== y ? NaN : y < x ? y : x;
    }
  }

  /** Compute one operation in a format. @param {InstanceType<typeof Formats.Format>} format @param {Tree} tree @param {(number | bigint)[]} args @returns {Step} */
  function operate(format, tree, args) {
    const numbers = args.map((arg) => format.exact(arg));
    const finite = numbers.every((number) => number !== null);
    const wanted = finite ? exactly(tree.name, /** @type {Exact[]} */ (numbers)) : null;
    if (!format.isFloat) {
      if (wanted === null) throw new RangeError(`${tree.text} divides by zero`);
      if (wanted.d !== 1n) throw new RangeError(`${tree.text} is no whole number: ${format.name} has no such division here`);
      const value = format.round(wanted);
      const lost = value === wanted.n ? "" : format.saturates ? "saturated" : "wrapped";
      return { tree, value, wanted, lost };
    }
    const [x, y] = /** @type {number[]} */ (args);
    if (wanted === null || wanted.n === 0n || !MAY_ROUND.has(tree.name)) {
      // Zeros, infinities and NaN: IEEE's own rules, with the signs they give.
      let value = natively(tree.name, x, y ?? 0);
      if (wanted === null && !format.infinities && (value === Infinity || value === -Infinity)) value = Math.sign(value) * format.greatest;
      return { tree, value, wanted, lost: value !== value ? "not a number" : "" };
    }
    const value = /** @type {number} */ (format.round(wanted));
    let lost = /** @type {Step["lost"]} */ ("");
    if (!Number.isFinite(value)) lost = "overflowed";
    else if (!Formats.exact.same(Formats.ofDouble(value), wanted)) lost = Math.abs(value) === format.greatest && !format.infinities ? "saturated" : "rounded";
    return { tree, value, wanted, lost };
  }
  const MAY_ROUND = new Set(["add", "sub", "mul", "div"]);

  /**
   * Every operation of a tree at some values, innermost first, each once.
   * @param {InstanceType<typeof Formats.Format>} format
   * @param {Tree} tree
   * @param {Record<string, number | bigint>} values
   * @returns {Step[]}
   */
  function steps(format, tree, values) {
    /** @type {Map<string, Step>} */
    const done = new Map();
    /** @param {Tree} node @returns {number | bigint} */
    function visit(node) {
      if (node.kind === "variable") return values[node.name];
      if (node.kind === "number") {
        const number = /** @type {Exact} */ (node.number);
        if (!format.isFloat && number.d !== 1n) throw new RangeError(`${node.text} is no value of ${format.name}`);
        return format.round(number);
      }
      const known = done.get(node.text);
      if (known) return known.value;
      const step = operate(format, node, node.args.map(visit));
      done.set(node.text, step);
      return step.value;
    }
    const value = visit(tree);
    const all = [...done.values()];
    return all.length ? all : [{ tree, value, wanted: format.exact(value), lost: "" }];
  }

  /** What a tree comes to in exact arithmetic; null where that is no number. @param {Tree} tree @param {Record<string, Exact | null>} values @returns {Exact | null} */
  function ideal(tree, values) {
    if (tree.kind === "variable") return values[tree.name];
    if (tree.kind === "number") return /** @type {Exact} */ (tree.number);
    const args = tree.args.map((arg) => ideal(arg, values));
    return args.some((arg) => arg === null) ? null : exactly(tree.name, /** @type {Exact[]} */ (args));
  }

  /**
   * A quick function of (a, b) for formats whose values a float64 holds and rounds innocently.
   * @param {InstanceType<typeof Formats.Format>} format
   * @param {Tree} tree
   * @returns {(a: number, b: number) => number}
   */
  function quick(format, tree) {
    if (tree.kind === "variable") return tree.name === "a" ? (a) => a : (_, b) => b;
    if (tree.kind === "number") {
      const constant = Number(format.round(/** @type {Exact} */ (tree.number)));
      return () => constant;
    }
    const { name } = tree;
    const [x, y] = tree.args.map((arg) => quick(format, arg));
    if (y === undefined) {
      const rounds = !format.isFloat;
      return (a, b) => {
        const value = natively(name, x(a, b), 0);
        return rounds ? format.quick(value) : value;
      };
    }
    if (!MAY_ROUND.has(name)) return (a, b) => natively(name, x(a, b), y(a, b));
    return (a, b) => format.quick(natively(name, x(a, b), y(a, b)));
  }

  /** Whether `quick` is right in a format: its integers are within what a float64 holds, products too. @param {InstanceType<typeof Formats.Format>} format @param {Tree[]} trees */
  function canBeQuick(format, trees) {
    /** @param {Tree} tree @returns {boolean} */
    const divides = (tree) => tree.name === "div" || tree.args.some(divides);
    return format.isFloat || (format.bits <= 16 && !trees.some(divides));
  }

  /** Numbers worth trying first, simplest first. @param {InstanceType<typeof Formats.Format>} format @returns {(number | bigint)[]} */
  function simple(format) {
    if (!format.isFloat) {
      const ends = [format.smallestInteger, format.largestInteger, format.smallestInteger + 1n, format.largestInteger - 1n];
      return [0n, 1n, 2n, 3n, 100n, ...(format.signed ? [-1n, -2n, -3n, -100n] : []), ...ends].filter(
        (x) => x >= format.smallestInteger && x <= format.largestInteger,
      );
    }
    const ulp = 2 ** -format.stored;
    const small = 2 ** Math.max(format.leastExponent, -1000);
    const positive = [1, 2, 3, 5, 0.5, 1.5, 10, 100, 0.1, 1 + ulp, 1 - ulp / 2, ulp, ulp / 2, 1 / ulp, 2 / ulp, 1000, format.greatest, format.greatest / 2, small, small * ulp];
    const held = positive.map((x) => format.quick(x)).filter((x) => Number.isFinite(x));
    return [0, ...held, ...held.map((x) => -x), -0];
  }

  /** A search for a pair at which two trees differ; call it again and again until it is done.
   * @param {InstanceType<typeof Formats.Format>} format
   * @param {Tree} left
   * @param {Tree} right
   */
  function* search(format, left, right) {
    const fast = canBeQuick(format, [left, right]);
    const [f, g] = fast ? [quick(format, left), quick(format, right)] : [null, null];
    /** @param {number | bigint} a @param {number | bigint} b */
    const differ = (a, b) => {
      if (f && g) return !format.same(f(Number(a), Number(b)), g(Number(a), Number(b)));
      const values = { a, b };
      return !format.same(steps(format, left, values).at(-1)?.value ?? 0n, steps(format, right, values).at(-1)?.value ?? 0n);
    };
    let tried = 0;
    const first = simple(format);
    for (const a of first) for (const b of first) {
      tried++;
      if (differ(a, b)) return { found: [a, b], tried, complete: false };
    }
    const whole = format.bits === 8;
    const total = whole ? 65536 : 400_000;
    const random = generator(format.bits);
    // NaN and infinities are no fair counterexample unless nothing else is one: they come last.
    for (const finite of format.isFloat ? [true, false] : [true]) {
      for (let number = 0; number < total; number++) {
        if (number % 4096 === 0) yield tried;
        const a = format.ofBits(whole ? BigInt(number >> 8) : random());
        const b = format.ofBits(whole ? BigInt(number & 255) : finite ? random() : special(format, number));
        if (format.isFloat && finite !== (Number.isFinite(Number(a)) && Number.isFinite(Number(b)))) continue;
        tried++;
        if (differ(a, b)) return { found: [a, b], tried, complete: false };
      }
    }
    return { found: null, tried: whole ? 65536 : tried, complete: whole };
  }

  /** NaN and the infinities in turn, as bits. @param {InstanceType<typeof Formats.Format>} format @param {number} turn */
  const special = (format, turn) => format.toBits([NaN, Infinity, -Infinity][turn % (format.infinities ? 3 : 1)]);

  /** Random bit patterns, the same ones every time. @param {number} bits */
  function generator(bits) {
    let state = 0x9e3779b9;
    const word = () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return BigInt((mixed ^ (mixed >>> 14)) >>> 0);
    };
    return () => BigInt.asUintN(bits, (word() << 32n) | word());
  }

  return { read, steps, ideal, quick, canBeQuick, search, simple };
})();
