// Decisions: docs/decisions.md, "The chat model calls through the client".

/** What an answer with tool calls had that n8n's agents don't give back. */
export interface PastAnswer {
  /** What the model said beside its calls. */
  content: string;
  /** What it thought before. */
  reasoning: string;
  /** The arguments of its calls by the server's ID, with every character as they came. */
  inputs: Map<string, string>;
}

/** So many answers are kept. */
const MOST = 500;
/** Characters of an answer that is kept. A longer one is not. */
const LONGEST = 50_000;

/**
 * Keeps the last answers with tool calls, by their mark. They only make what is sent more exact: a
 * server finds a conversation in its cache if it gets the same characters that it gave. Nothing
 * relies on them, because a worker may go on with what another one has begun.
 */
export class PastAnswers {
  private readonly answers = new Map<string, PastAnswer>();

  /** Keeps an answer, unless it is long. */
  keep(mark: string, answer: PastAnswer): void {
    const texts = [answer.content, answer.reasoning, ...answer.inputs.values()];
    if (texts.reduce((sum, { length }) => sum + length, 0) > LONGEST) return;
    this.answers.set(mark, answer);
    const [oldest] = this.answers.keys();
    if (this.answers.size > MOST && oldest !== undefined) this.answers.delete(oldest);
  }

  /** @returns nothing if the answer was not kept */
  find(mark: string): PastAnswer | undefined {
    return this.answers.get(mark);
  }
}

/** The answers of this process. n8n makes a new sub-node for each step of an agent. */
export const PROCESS_ANSWERS = new PastAnswers();
