import type { IExecuteFunctions } from 'n8n-workflow';

import type { WaitJob } from '../shared/waiting/job';
import type { Baseten } from './baseten';

/** What one turn of the keeper works with. */
export interface Turn {
  context: IExecuteFunctions;
  job: WaitJob;
  /** Seals messages to the parent. */
  secret: string;
  keeperUrl: string;
  baseten: Baseten;
  /** Why items failed in this turn, as it was thrown. */
  causes: Map<number, unknown>;
}

/** Position of the input item that a request belongs to. @param request its position in the wait */
export function positionOf({ items }: WaitJob, request: number): number {
  const job = items[request];
  return (job && 'owner' in job ? job.item : undefined) ?? request;
}

/** How the step "work" tells the step "sleep" what to do. */
export interface Sleeping {
  /** When to wake at the latest, in milliseconds since 1970. */
  until: number;
}
