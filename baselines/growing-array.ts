type Kept = Int32Array | Uint16Array | Uint8Array;

/** Memory that was made here, with room behind what is kept. Any other, of a state that was read back, may hold more than one array. */
const OWN = new WeakSet<ArrayBufferLike>();

/** In own memory, moved to the front of it. */
export const withoutFirst = <A extends Kept>(array: A, leaving: number): A =>
  (OWN.has(array.buffer)
    ? array.copyWithin(0, leaving).subarray(0, array.length - leaving)
    : array.slice(leaving)) as A;

/** In memory of just its size. */
export function fitted<A extends Kept>(array: A): A {
  const own = array.slice() as A;
  OWN.add(own.buffer);
  return own;
}

/**
 * `before` with more behind it, in the same memory where that is own and has room: a log is only ever continued, so nobody reads what lies
 * behind an array's end. Memory doubles when it is used up, so that what is kept is not copied again at every result.
 */
export function joined<A extends Kept>(
  make: new (from: number | ArrayBufferLike, offset?: number, length?: number) => A,
  before: A,
  added: A,
  roomMax: number,
): A {
  const length = before.length + added.length;
  if (OWN.has(before.buffer) && length * before.BYTES_PER_ELEMENT <= before.buffer.byteLength) {
    const all = new make(before.buffer, 0, length);
    all.set(added, before.length);
    return all;
  }
  const larger = new make(Math.max(length, Math.min(2 * length, roomMax)));
  OWN.add(larger.buffer);
  larger.set(before);
  larger.set(added, before.length);
  return larger.subarray(0, length) as A;
}
