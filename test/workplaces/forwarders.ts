/** Forwarders found in the field: all tell the truth, few tell all of it. */
import type { Forwarder } from './place.ts';

const BASE: Forwarder = {
  destinations: 'all',
  resources: 'all',
  types: 'mapped',
  arguments: 'json',
  repeatsPrompt: false,
  tokens: false,
};

export const FULL: Forwarder = BASE;
export const SPACED: Forwarder = { ...BASE, arguments: 'spaced' };
export const REPEATING: Forwarder = { ...BASE, arguments: 'spaced', repeatsPrompt: true };
export const NO_DESTINATIONS: Forwarder = { ...BASE, destinations: 'never' };
export const NO_RESOURCES: Forwarder = { ...BASE, resources: 'never', tokens: true };
export const SENDS_ONLY: Forwarder = { ...BASE, destinations: 'sends', arguments: 'spaced' };
export const COARSE: Forwarder = { ...BASE, destinations: 'never', resources: 'never', types: 'coarse', tokens: true };
export const KEYWORDS: Forwarder = { ...BASE, destinations: 'sends', arguments: 'keywords' };
