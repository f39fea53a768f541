// Z3, in a thread of its own: given the text of an obligation, it says what Z3 says.

const scope = /** @type {any} */ (self);
scope.importScripts("../solver/z3-built.js");
const ready = scope.initZ3({ locateFile: (/** @type {string} */ file) => `../solver/${file}`, mainScriptUrlOrBlob: "../solver/z3-built.js" });

scope.onmessage = async (/** @type {MessageEvent<string>} */ message) => {
  const z3 = await ready;
  const context = z3.ccall("Z3_mk_context", "number", ["number"], [z3.ccall("Z3_mk_config", "number", [], [])]);
  // Some of Z3's strategies start threads, which this one has to be free for.
  const said = await z3.async_call(() => z3.ccall("async_Z3_eval_smtlib2_string", "void", ["number", "string"], [context, message.data]));
  scope.postMessage(String(said).trim());
};
