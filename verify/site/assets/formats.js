// Number formats, bit for bit: how a value is read, rounded, wrapped, written and laid out in bits.
//
// Scripts here are plain ones, not modules, so that pages work when they are opened from a file.
// Each keeps what it has in one constant. Types are in JSDoc and are checked by TypeScript.
//
// Results are found twice by different means: `Format.round` takes an exact fraction of big
// integers, `Format.quick` a float64. The first is what pages show, the second what they search by.

/**
 * An exact number n/d, d above 0.
 * @typedef {{ n: bigint, d: bigint }} Exact
 */

/**
 * What Python says of a format; see verify/site/numbers.py.
 * @typedef {object} FormatData
 * @property {string} name
 * @property {"float" | "integer"} kind
 * @property {number} bits
 * @property {boolean} [signed]
 * @property {boolean} [saturates]
 * @property {number} [exponent_bits]
 * @property {number} [precision]
 * @property {boolean} [infinities]
 */

const Formats = (() => {
  const ZERO = /** @type {Exact} */ ({ n: 0n, d: 1n });

  /** @param {bigint} x */
  const magnitude = (x) => (x < 0n ? -x : x);

  /** @param {bigint} x */
  const bitLength = (x) => (x === 0n ? 0 : x.toString(2).length);

  /** @param {bigint} a @param {bigint} b @returns {bigint} */
  function gcd(a, b) {
    while (b) [a, b] = [b, a % b];
    return a;
  }

  /** @param {bigint} n @param {bigint} d @returns {Exact} */
  function ratio(n, d) {
    if (d < 0n) [n, d] = [-n, -d];
    const common = gcd(magnitude(n), d) || 1n;
    return { n: n / common, d: d / common };
  }

  const exact = {
    /** @param {Exact} x @param {Exact} y */
    add: (x, y) => ratio(x.n * y.d + y.n * x.d, x.d * y.d),
    /** @param {Exact} x @param {Exact} y */
    sub: (x, y) => ratio(x.n * y.d - y.n * x.d, x.d * y.d),
    /** @param {Exact} x @param {Exact} y */
    mul: (x, y) => ratio(x.n * y.n, x.d * y.d),
    /** @param {Exact} x @param {Exact} y */
    div: (x, y) => ratio(x.n * y.d, x.d * y.n),
    /** @param {Exact} x @param {Exact} y */
    less: (x, y) => x.n * y.d < y.n * x.d,
    /** @param {Exact} x @param {Exact} y */
    same: (x, y) => x.n * y.d === y.n * x.d,
    /** @param {Exact} x @returns {Exact} */
    negative: (x) => ({ n: -x.n, d: x.d }),
  };

  /**
   * The exact value of a finite float64.
   * @param {number} x
   * @returns {Exact}
   */
  function ofDouble(x) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, x);
    const pattern = view.getBigUint64(0);
    const biased = Number((pattern >> 52n) & 0x7ffn);
    const fraction = pattern & 0xfffffffffffffn;
    const significand = biased ? fraction | 0x10000000000000n : fraction;
    const exponent = Math.max(biased, 1) - 1075;
    const signed = pattern >> 63n ? -significand : significand;
    return exponent >= 0 ? { n: signed << BigInt(exponent), d: 1n } : ratio(signed, 1n << BigInt(-exponent));
  }

  /** The largest whole e with 2^e at most x, which is above 0. @param {Exact} x */
  function floorLog2(x) {
    const estimate = bitLength(x.n) - bitLength(x.d);
    const enough = estimate >= 0 ? x.d << BigInt(estimate) <= x.n : x.d <= x.n << BigInt(-estimate);
    return enough ? estimate : estimate - 1;
  }

  /** steps · 2^exponent as a float64, which holds it. @param {bigint} steps @param {number} exponent */
  function scaled(steps, exponent) {
    // Two factors: 2^−1074 is no quotient of two powers within range.
    const half = Math.trunc(exponent / 2);
    return Number(steps) * 2 ** half * 2 ** (exponent - half);
  }

  /**
   * How much one step of an exact value to a decimal would say: a fraction in few characters.
   * @param {Exact} x
   */
  function written(x) {
    if (x.d === 1n) return minus(x.n.toString());
    const short = minus(`${x.n}/${x.d}`);
    // A fraction with a power of two below ends after as many decimals as it has factors.
    const decimals = bitLength(x.d) - 1;
    if (x.d === 1n << BigInt(decimals) && decimals <= 60) {
      const digits = (magnitude(x.n) * 5n ** BigInt(decimals)).toString().padStart(decimals + 1, "0");
      const sign = x.n < 0n ? "−" : "";
      return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
    }
    if (short.length <= 24) return short;
    return `about ${minus((Number(x.n) / Number(x.d)).toPrecision(6))}`;
  }

  /** @param {string} text */
  const minus = (text) => text.replace(/-/g, "−");

  /** A number format; a value is a float64 that the format holds, or a big integer. */
  class Format {
    /** @param {FormatData} data */
    constructor(data) {
      this.name = data.name;
      this.isFloat = data.kind === "float";
      this.bits = data.bits;
      this.signed = data.signed ?? true;
      this.saturates = data.saturates ?? false;
      this.exponentBits = data.exponent_bits ?? 0;
      this.precision = data.precision ?? 0;
      this.infinities = data.infinities ?? false;
      this.stored = this.precision - 1;
      this.bias = 2 ** (this.exponentBits - 1) - 1;
      this.leastExponent = 1 - this.bias;
      const topExponent = this.infinities ? this.bias : this.bias + 1;
      const top = 2n ** BigInt(this.precision || 1) - (this.infinities ? 1n : 2n);
      /** The largest finite float. */
      this.greatest = this.isFloat ? scaled(top, topExponent - this.stored) : 0;
      const half = 1n << BigInt(this.bits - 1);
      /** The ends of the range of an integer format. */
      this.smallestInteger = this.signed ? -half : 0n;
      this.largestInteger = this.signed ? half - 1n : 2n * half - 1n;
      /** The unit roundoff u = 2^−p. */
      this.unit = ratio(1n, 1n << BigInt(this.precision));
    }

    /**
     * Round a finite exact number as the format does. An exact zero is +0: callers know the sign.
     * @param {Exact} x
     * @returns {number | bigint}
     */
    round(x) {
      if (!this.isFloat) return this._whole(x);
      if (x.n === 0n) return 0;
      const size = { n: magnitude(x.n), d: x.d };
      const place = Math.max(floorLog2(size), this.leastExponent) - this.stored;
      const [over, under] = place >= 0 ? [size.n, size.d << BigInt(place)] : [size.n << BigInt(-place), size.d];
      let steps = over / under;
      const left = 2n * (over % under);
      if (left > under || (left === under && steps % 2n === 1n)) steps += 1n;
      let result = scaled(steps, place);
      if (!(result <= this.greatest)) result = this.infinities ? Infinity : this.greatest;
      return x.n < 0n ? -result : result;
    }

    /** @param {Exact} x @returns {bigint} */
    _whole(x) {
      if (x.d !== 1n) throw new RangeError(`${written(x)} is not a whole number`);
      if (this.saturates) {
        if (x.n < this.smallestInteger) return this.smallestInteger;
        return x.n > this.largestInteger ? this.largestInteger : x.n;
      }
      return this.signed ? BigInt.asIntN(this.bits, x.n) : BigInt.asUintN(this.bits, x.n);
    }

    /**
     * The same from a float64 that is the result of one operation on values of the format, itself
     * rounded: it has more than twice the precision, so rounding again gives what rounding once does.
     * @param {number} x
     * @returns {number}
     */
    quick(x) {
      if (!this.isFloat) {
        if (this.saturates) return Math.min(Math.max(x, -128), 127);
        const size = 2 ** this.bits;
        const rest = x - size * Math.floor(x / size);
        return this.signed && rest >= size / 2 ? rest - size : rest;
      }
      if (this.precision === 53 || x === 0 || !Number.isFinite(x)) {
        return !this.infinities && (x === Infinity || x === -Infinity) ? Math.sign(x) * this.greatest : x;
      }
      if (this.precision === 24) return Math.fround(x);
      words[0] = x;
      const exponent = ((halves[HIGH] >>> 20) & 0x7ff) - 1023;
      const step = 2 ** (Math.max(exponent, this.leastExponent) - this.stored);
      const result = (x / step + SHIFT - SHIFT) * step;
      if (result <= this.greatest && result >= -this.greatest) return result === 0 ? 0 * x : result;
      return Math.sign(x) * (this.infinities ? Infinity : this.greatest);
    }

    /**
     * Read what a person types: 1.5, −0, 1/3, 2^-24, inf, nan, 0x3c01 (the bits of a float).
     * @param {string} text
     * @returns {{ value: number | bigint, exact: boolean }}
     */
    read(text) {
      const typed = text.trim().replace(/[−–]/g, "-").replace(/[_\s]/g, "").toLowerCase();
      if (this.isFloat) {
        if (typed === "nan") return { value: NaN, exact: true };
        const infinite = typed.match(/^([+-]?)(inf|infinity|∞)$/);
        if (infinite) {
          if (!this.infinities) throw new RangeError(`${this.name} has no infinities`);
          return { value: infinite[1] === "-" ? -Infinity : Infinity, exact: true };
        }
        if (/^0[xb][0-9a-f]+$/.test(typed)) return { value: this.ofBits(BigInt(typed)), exact: true };
      }
      const number = fraction(typed);
      if (number === null) {
        const also = this.isFloat ? ", 2^-24, inf, nan or 0x and bits" : "";
        throw new RangeError(`“${text.trim()}” is no number: write 1.5, 1/3, 1e-3${also}`);
      }
      if (!this.isFloat) {
        if (number.d !== 1n) throw new RangeError(`${this.name} holds whole numbers, not ${text.trim()}`);
        if (number.n < this.smallestInteger || number.n > this.largestInteger) {
          throw new RangeError(
            `${this.name} holds ${minus(this.smallestInteger.toString())} to ${this.largestInteger}, not ${text.trim()}`,
          );
        }
        return { value: number.n, exact: true };
      }
      const rounded = /** @type {number} */ (this.round(number));
      const value = rounded === 0 && typed.startsWith("-") ? -0 : rounded;
      const held = Number.isFinite(value) && exact.same(ofDouble(value), number);
      return { value, exact: held };
    }

    /** The exact number that a value stands for; null for NaN and infinities. @param {number | bigint} value @returns {Exact | null} */
    exact(value) {
      if (typeof value === "bigint") return { n: value, d: 1n };
      return Number.isFinite(value) ? ofDouble(value) : null;
    }

    /** Whether two values are the same number; NaN is NaN, and zeros of both signs are. @param {number | bigint} x @param {number | bigint} y */
    same(x, y) {
      return x === y || (x !== x && y !== y);
    }

    /** The value in full, as Python prints it. @param {number | bigint} value */
    write(value) {
      if (typeof value === "bigint") return minus(value.toString());
      if (value !== value) return "NaN";
      if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
      return Object.is(value, -0) ? "−0" : minus(String(value));
    }

    /** The bit pattern of a value. @param {number | bigint} value @returns {bigint} */
    toBits(value) {
      if (typeof value === "bigint") return BigInt.asUintN(this.bits, value);
      const stored = BigInt(this.stored);
      const top = (1n << BigInt(this.exponentBits)) - 1n;
      if (value !== value) {
        const fraction = this.infinities ? 1n << (stored - 1n) : (1n << stored) - 1n;
        return (top << stored) | fraction;
      }
      const sign = value < 0 || Object.is(value, -0) ? 1n << BigInt(this.bits - 1) : 0n;
      if (value === 0) return sign;
      if (!Number.isFinite(value)) return sign | (top << stored);
      const number = ofDouble(Math.abs(value));
      const exponent = Math.max(floorLog2(number), this.leastExponent);
      const shift = exponent - this.stored;
      const significand = shift >= 0 ? (number.n / number.d) >> BigInt(shift) : (number.n << BigInt(-shift)) / number.d;
      const normal = significand >> stored === 1n;
      const biased = normal ? BigInt(exponent + this.bias) : 0n;
      return sign | (biased << stored) | (significand & ((1n << stored) - 1n));
    }

    /** The value of a bit pattern. @param {bigint} pattern @returns {number | bigint} */
    ofBits(pattern) {
      if (pattern < 0n || pattern >> BigInt(this.bits)) throw new RangeError(`${this.name} has ${this.bits} bits`);
      if (!this.isFloat) return this.signed ? BigInt.asIntN(this.bits, pattern) : pattern;
      const negative = pattern >> BigInt(this.bits - 1) === 1n;
      const stored = BigInt(this.stored);
      const biased = Number((pattern >> stored) & ((1n << BigInt(this.exponentBits)) - 1n));
      const fraction = pattern & ((1n << stored) - 1n);
      const special = biased === 2 ** this.exponentBits - 1;
      let size;
      if (special && this.infinities) size = fraction ? NaN : Infinity;
      else if (special && fraction === (1n << stored) - 1n) size = NaN;
      else size = scaled(fraction + (biased ? 1n << stored : 0n), Math.max(biased, 1) - this.bias - this.stored);
      return negative ? -size : size;
    }

    /**
     * The bits in groups: sign, exponent, significand; of an integer all in one.
     * @param {number | bigint} value
     * @returns {{ name: string, bits: string }[]}
     */
    layout(value) {
      const all = this.toBits(value).toString(2).padStart(this.bits, "0");
      if (!this.isFloat) {
        if (!this.signed) return [{ name: "value", bits: all }];
        return [{ name: "sign", bits: all[0] }, { name: "value", bits: all.slice(1) }];
      }
      return [
        { name: "sign", bits: all[0] },
        { name: "exponent", bits: all.slice(1, 1 + this.exponentBits) },
        { name: "significand", bits: all.slice(1 + this.exponentBits) },
      ];
    }

    /** Distance from a finite float to the next, in its binade. @param {number} value @returns {Exact | null} */
    ulp(value) {
      if (!this.isFloat || !Number.isFinite(value)) return null;
      const exponent = value === 0 ? this.leastExponent : Math.max(floorLog2(ofDouble(Math.abs(value))), this.leastExponent);
      const place = exponent - this.stored;
      return place >= 0 ? { n: 1n << BigInt(place), d: 1n } : { n: 1n, d: 1n << BigInt(-place) };
    }
  }

  /** Read a decimal, a fraction or a power of two exactly. @param {string} typed @returns {Exact | null} */
  function fraction(typed) {
    const parts = typed.split("/");
    if (parts.length === 2) {
      const [over, under] = parts.map(fraction);
      return over && under && under.n !== 0n ? exact.div(over, under) : null;
    }
    const power = typed.match(/^([+-]?)2(?:\^|\*\*)\(?([+-]?\d{1,4})\)?$/);
    if (power) {
      const exponent = Number(power[2]);
      const size = exponent >= 0 ? { n: 1n << BigInt(exponent), d: 1n } : { n: 1n, d: 1n << BigInt(-exponent) };
      return power[1] === "-" ? exact.negative(size) : size;
    }
    const decimal = typed.match(/^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,4}))?$/);
    if (!decimal || !(decimal[2] || decimal[3]) || parts.length > 1) return null;
    const digits = BigInt(`${decimal[2]}${decimal[3]}`);
    const exponent = Number(decimal[4] ?? 0) - decimal[3].length;
    const signed = decimal[1] === "-" ? -digits : digits;
    return exponent >= 0 ? { n: signed * 10n ** BigInt(exponent), d: 1n } : ratio(signed, 10n ** BigInt(-exponent));
  }

  const words = new Float64Array(1);
  const halves = new Uint32Array(words.buffer);
  const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] ? 1 : 0;
  // Added and taken away again, it leaves a whole number, ties to even: 1.5 · 2^52.
  const SHIFT = 6755399441055744;

  return { Format, exact, ratio, ofDouble, written, minus, fraction, ZERO };
})();
