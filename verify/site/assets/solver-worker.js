// Z3, in a thread of its own: given the text of an obligation, it says what Z3 says.

const scope = /** @type {any} */ (self);
scope.importScripts("../solver/z3-built.js");
const ready = scope.initZ3({ locateFile: (/** @type {string} */ file) => `../solver/${file}`, mainScriptUrlOrBlob: "../solver/z3-built.js" });

scope.onmessage = async (/** @type {MessageEvent<string>} */ message) => {
  const z3 = await ready;
  const context = z3.ccall("Z3_mk_context", "number", ["number"], [z3.ccall("Z3_mk_config", "number", [], [])]);
  const said = z3.ccall("Z3_eval_smtlib2_string", "string", ["number", "string"], [context, message.data]);
  scope.postMessage(String(said).trim());
};
