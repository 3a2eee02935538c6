/** States of format 2 hold eight places for every amount, seen or not: now there are none before the first. */
export function liftFormat2(tree: unknown): unknown {
  if (tree instanceof Map) for (const value of tree.values()) liftFormat2(value);
  else if (Array.isArray(tree)) for (const value of tree) liftFormat2(value);
  else if (typeof tree === 'object' && tree !== null && !ArrayBuffer.isView(tree)) liftFields(tree);
  return tree;
}

function liftFields(fields: object): void {
  if ('logBase' in fields && 'size' in fields && fields.size === 0) {
    Object.assign(fields, { buckets: new Float64Array(0), weights: new Float64Array(0) });
  }
  for (const value of Object.values(fields)) liftFormat2(value);
}
