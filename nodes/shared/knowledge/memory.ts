import { BasetenError } from '../errors/basetenError';
import { realTime, type Time } from '../time';

/** How much is kept: so many answers, and so many characters of them as JSON. */
const MOST_ANSWERS = 500;
const MOST_CHARACTERS = 20_000_000;
/** Milliseconds that a refusal is kept, so that a thousand items don't ask a thousand times. */
const REFUSAL_FRESH_FOR = 30_000;

interface Kept {
  answer: Promise<unknown>;
  /** Until when it counts, by the clock that never goes back. Nothing while it is on its way. */
  until?: number;
  characters: number;
}

/**
 * Keeps answers for a while, so that opening a form and running many items ask once. Who asks for
 * the same at the same time shares the question. It is bounded: the oldest answers go first.
 */
export class Memory {
  private readonly kept = new Map<string, Kept>();
  private characters = 0;

  constructor(private readonly time: Time) {}

  /**
   * Gives the answer that is kept, without asking.
   * @returns nothing if there is none, or it is still on its way
   */
  async peek<Answer>(key: string): Promise<Answer | undefined> {
    const known = this.kept.get(key);
    if (known?.until === undefined || this.time.elapsed() >= known.until) return undefined;
    return (await known.answer) as Answer;
  }

  /**
   * Gives the answer that is kept, or asks for it.
   * @param key what is asked, and with which key
   * @param freshFor milliseconds that the answer counts; a function tells it from the answer
   * @param ask may throw; a refusal that a repeat can't help is kept for 30 seconds
   */
  async recall<Answer>(
    key: string,
    freshFor: number | ((answer: Answer) => number),
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const known = this.kept.get(key);
    if (known && (known.until === undefined || this.time.elapsed() < known.until))
      return (await known.answer) as Answer;
    this.drop(key);
    const answer = ask();
    const entry: Kept = { answer, characters: 0 };
    this.kept.set(key, entry);
    answer.then(
      (value) =>
        this.settle(
          key,
          entry,
          typeof freshFor === 'number' ? freshFor : freshFor(value),
          JSON.stringify(value)?.length ?? 0,
        ),
      (error: unknown) => this.settle(key, entry, isFinal(error) ? REFUSAL_FRESH_FOR : 0, 0),
    );
    return await answer;
  }

  private settle(key: string, entry: Kept, freshFor: number, characters: number): void {
    if (this.kept.get(key) !== entry) return;
    entry.until = this.time.elapsed() + freshFor;
    entry.characters = characters;
    this.characters += characters;
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MOST_ANSWERS && this.characters <= MOST_CHARACTERS) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.characters -= this.kept.get(key)?.characters ?? 0;
    this.kept.delete(key);
  }
}

/** Whether asking again at once gives the same refusal. */
function isFinal(error: unknown): boolean {
  return error instanceof BasetenError && error.kind === 'http' && !error.isPassing;
}

/** What this process knows. */
export const PROCESS_MEMORY = new Memory(realTime);
