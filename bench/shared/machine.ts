import { cpus, platform, release, totalmem } from 'node:os';

/** What figures were measured on, and when. */
export interface Setup {
  /** ISO 8601. */
  date: string;
  machine: { cpu: string; cores: number; memoryGb: number; os: string; node: string };
}

/** This machine, now. */
export function setup(): Setup {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cpu?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      os: `${platform()} ${release()}`,
      node: process.version,
    },
  };
}

/** `2 × AMD EPYC, 24 GB, linux 6.1; Node v20; 2026-11-21`. */
export function setupLine({ date, machine }: Setup): string {
  const { cores, cpu, memoryGb, os, node } = machine;
  return `${cores} × ${cpu}, ${memoryGb} GB, ${os}; Node ${node}; ${date.slice(0, 10)}`;
}
