import { cpus, platform, release, totalmem } from 'node:os';
import type { Results } from './types';

/** What the figures were measured on. */
export function machine(): Results['machine'] {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${release()}`,
    node: process.version,
  };
}
