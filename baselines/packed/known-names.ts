/**
 * Words of the program that packed values call by number. Part of the stored form: entries are never changed, removed or moved; new ones go
 * to the end. What is not here is written out, so nothing has to be here; states with new fields only take more room until it is.
 * A build that does not know an entry refuses the bytes.
 */

/** Fields of the objects that states are made of, in their order; at most 64. */
export const SHAPES: readonly (readonly string[])[] = [
  'value atMs',
  'events rows bytes_received bytes_sent tokens cost_micro_usd',
  'timeMs receivedMs type endpoint tool after destinations hosts resources flows values sums',
  'words sessions acts',
  'positive logSum logSquares zeros sketch',
  'landmarkMs halfLifeMs',
  'slab zeros scale',
  'logBase bucketsMax size total buckets weights',
  'count distinct entries',
  'younger older taken',
  'hours observed expected variance blockMs rose reached excess sinceMs observedSince expectedSince',
  'source tokens words',
  'event action external',
  'things novelty',
  'table left',
  'uses distinct singletons discoveries advantage scale',
  'ramp lastLog squares steps',
  'event resource classification rows',
  'seen learned',
  'key firstPosition lastPosition openedMs lastMs lastReceivedMs sums resources provenance sensitive acts lastTool pending overflowed surprise alerted alertIds movedSensitive holdsLate confirmed dismissed',
  'user addresses request context results promptSeen',
  'tokens wordCounts words results',
  'sum hours',
  'product level',
  'tenant agent kind position clockMs baseline calendar sessions held crowdedOut derived slots',
  'familiar hourly ramp growth perSession perHour perDay resourcesPerSession passedOn transitions requests values sessions sessionRate sessionsEver eventsEver releases models releasedMs firstMs lastMs position',
  'endpoints tools destinations hosts resources',
  'sums hours weekdays weekend byHour byCell spread scale',
  'squares unit scale',
  'rows bytes_received bytes_sent tokens cost_micro_usd',
  'pairs tools rows all',
  'events hours atMs',
  'hours days hourMs dayMs',
  'features open recent',
  'cells sessions atMs dismissals',
  'session closedMs',
  'id lastMs hits',
].map((fields) => fields.split(' '));

/** Other words that come in many states: names of detectors and slots, acts, classes of data. */
export const NAMES: readonly string[] = [
  ...['novel-endpoint', 'volume-spike', 'mass-read', 'exfiltration', 'rare-sequence', 'isolation-forest'],
  ...['calibration', 'alert-book'],
  ...['model_call', 'tool_call', 'data_read', 'data_write', 'send', 'execute', 'delegate', 'memory', 'auth', 'policy'],
  ...['public', 'internal', 'confidential', 'restricted', ''],
];

export const NAME_NUMBERS: ReadonlyMap<string, number> = new Map(NAMES.map((name, number) => [name, number]));

interface ShapeNode {
  readonly next: Map<string, ShapeNode>;
  shape?: number;
}

/** Shapes by their fields, one after the other. */
export const SHAPE_TREE: ShapeNode = { next: new Map() };
for (const [shape, fields] of SHAPES.entries()) {
  let node = SHAPE_TREE;
  for (const field of fields) {
    const next: ShapeNode = node.next.get(field) ?? { next: new Map() };
    node.next.set(field, next);
    node = next;
  }
  node.shape = shape;
}
