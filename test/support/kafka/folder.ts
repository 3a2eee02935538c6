import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leash } from './leash.ts';

/** Where the nodes of one cluster keep everything. */
export interface ClusterFolder {
  readonly kept: boolean;
  /** That of the data in the folder, or a new one. */
  clusterId(): Promise<string>;
  ofNode(nodeId: number): string;
  /** Call when all nodes have ended. Removes what is temporary. */
  release(): Promise<void>;
}

/** @param dataDir Kept when released; a temporary folder when undefined. */
export function openClusterFolder(dataDir: string | undefined, nodes: number): ClusterFolder {
  const path = dataDir ?? mkdtempSync(join(tmpdir(), 'picket-kafka-'));
  mkdirSync(path, { recursive: true });
  const found = readdirSync(path).filter((name) => /^node-\d+$/.test(name)).length;
  if (found !== 0 && found !== nodes) throw new Error(`${path} holds a cluster of ${found} nodes, not ${nodes}.`);
  const ofNode = (nodeId: number) => {
    const folder = join(path, `node-${nodeId}`);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const kept = dataDir !== undefined;
  const letGo = leash(path, kept ? 'kept' : 'temporary');
  return {
    kept,
    ofNode,
    async clusterId() {
      const meta = await readFile(join(ofNode(1), 'data', 'meta.properties'), 'utf8').catch(() => '');
      return /^cluster\.id=(.+)$/m.exec(meta)?.[1] ?? newClusterId();
    },
    async release() {
      letGo();
      if (!kept) await rm(path, { recursive: true, force: true });
    },
  };
}

/** A UUID as Kafka writes it. One that begins with a dash would be taken for an option by Kafka's tools. */
const newClusterId = (): string => randomBytes(16).toString('base64url').replace(/^-/, 'a');
