// Decisions: docs/decisions.md, "What an event trigger remembers is saved with what it reports".

import { createHash } from 'crypto';

import type { IDataObject } from 'n8n-workflow';

/** What a trigger keeps in its node's static data. Texts, since n8n wraps every object in it. */
interface Stored {
  /** Names the settings to which the rest belongs. */
  of?: string;
  /** What is known, as JSON. */
  known?: string;
}

/**
 * What a trigger knows from its last poll. n8n saves it when the poll starts the workflow, and when
 * the workflow is activated. In between it lasts as long as the process, or as n8n's own cursors
 * keep it.
 */
export class Memory<Known> {
  private readonly of: string;

  /**
   * @param stored the node's static data
   * @param settings what the knowledge belongs to: with other settings nothing is known
   */
  constructor(
    private readonly stored: IDataObject & Stored,
    settings: unknown,
  ) {
    this.of = createHash('sha256').update(JSON.stringify(settings)).digest('base64url');
  }

  /** @returns nothing before the first poll with these settings */
  read(): Known | undefined {
    const { of, known } = this.stored;
    if (of !== this.of || typeof known !== 'string') return undefined;
    try {
      return JSON.parse(known) as Known;
    } catch {
      return undefined;
    }
  }

  /** Remembers. What is the same is not written, so that n8n has nothing to save. */
  write(known: Known): void {
    const text = JSON.stringify(known);
    if (this.stored.of === this.of && this.stored.known === text) return;
    this.stored.of = this.of;
    this.stored.known = text;
  }
}
