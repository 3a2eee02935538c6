/**
 * The UTF-16 codes of a text in an array, which a loop reads several times as fast as it asks a string for them one by one. Behind the last
 * stands a 0, which is part of nothing: no loop needs to ask for the end.
 *
 * The array is the same for every text up to `CHARS_MAX` and is valid until the next call: whoever reads it must have finished before.
 */
export function codesOf(text: string): Uint16Array {
  const codes = text.length <= CHARS_MAX ? WORKSPACE : new Uint16Array(text.length + 1);
  if (text.length < COPIED_ONE_BY_ONE) for (let i = 0; i < text.length; i++) codes[i] = text.charCodeAt(i);
  else if (codes === WORKSPACE) WORKSPACE_BYTES.write(text, 'utf16le');
  else Buffer.from(codes.buffer).write(text, 'utf16le');
  codes[text.length] = 0;
  return codes;
}

/** What the contents of an event are cut to; longer ones get an array of their own. */
const CHARS_MAX = 64 * 1024;
/** Below that a call to the engine costs more than it saves. */
const COPIED_ONE_BY_ONE = 48;
const WORKSPACE = new Uint16Array(CHARS_MAX + 1);
const WORKSPACE_BYTES = Buffer.from(WORKSPACE.buffer);
