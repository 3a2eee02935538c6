/** All attack stories. To add one: a file in this folder and an entry here. */
import { massRead } from './mass-read.ts';
import { novelEndpoint } from './novel-endpoint.ts';
import { sensitiveSend } from './sensitive-send.ts';
import { slowDrip } from './slow-drip.ts';
import type { Story } from './story.ts';
import { toolResultDestination } from './tool-result-destination.ts';
import { volumeSpike } from './volume-spike.ts';

export const STORIES = {
  'novel-endpoint': novelEndpoint,
  'volume-spike': volumeSpike,
  'mass-read': massRead,
  'sensitive-send': sensitiveSend,
  'slow-drip': slowDrip,
  'tool-result-destination': toolResultDestination,
} as const satisfies Record<string, Story>;

export type StoryName = keyof typeof STORIES;
