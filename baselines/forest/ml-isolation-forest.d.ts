/** As far as it is used here; the package brings no types. */
declare module 'ml-isolation-forest' {
  interface TreeNode {
    readonly left?: TreeNode;
    readonly right?: TreeNode;
    readonly splitColumn?: number;
    readonly splitValue?: number;
    /** Of a leaf: the vectors in it. */
    readonly trainingSet?: readonly (readonly number[])[];
    pathLengthFromRoot(vector: readonly number[], depth: number): number;
  }

  export class IsolationForest {
    constructor(options?: { nEstimators?: number });
    readonly forest: readonly TreeNode[];
    /** Draws from `Math.random`. A second call adds trees that `predict` does not read. */
    train(vectors: readonly (readonly number[])[]): void;
    predict(vectors: readonly (readonly number[])[]): number[];
  }
}
