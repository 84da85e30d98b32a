import type { Person } from './person';

/** Something that a guide tells a person to do. */
export interface Step {
  /** The guide's words, as Markdown. */
  says: string;
  /** Does it in n8n's editor. */
  does(person: Person): Promise<void>;
}

/**
 * A way from an empty n8n to a finished result. The numbered list of its guide has these steps and
 * no others; a unit test compares them.
 */
export interface Journey {
  /** The page, and the heading above its numbered list. */
  guide: string;
  heading: string;
  steps: Step[];
  /**
   * Looks at what came out.
   * @throws {Error} if it is not what the guide promises
   */
  ends(person: Person): Promise<void>;
}
