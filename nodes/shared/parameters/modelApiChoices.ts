import { toNumber, type Decimal } from '../decimal';
import type { KnownLimit } from '../http/flow/window';
import { modelApiFacts, type ModelApiFacts, type ModelApisAsker } from '../knowledge/modelApis';
import { realTime, type Time } from '../time';
import { shortCount, type ModelChoice } from './modelChoices';

/** Most milliseconds that a person waits for prices and limits when a list opens. */
const PATIENCE_MS = 2500;
const UNIT_OF: Record<number, string> = { 1000: 'second', 60_000: 'min' };

/**
 * Adds to a list of Model APIs what each costs this workspace, and which limits it has there. What
 * the key may not read, or what does not come in time, is left out.
 * @param choices with the names that requests give as their `model`
 */
export async function withFacts(
  asker: ModelApisAsker,
  choices: ModelChoice[],
  time: Time = realTime,
): Promise<ModelChoice[]> {
  const enough = new AbortController();
  const late = time.wait(PATIENCE_MS, enough.signal).then(() => choices);
  const withAll = Promise.all(
    choices.map(async (choice) => {
      const facts = await modelApiFacts(asker, choice.value);
      return { ...choice, name: [choice.name, ...wordsOf(choice, facts)].join(' · ') };
    }),
  );
  const known = await Promise.race([withAll, late]);
  enough.abort();
  return known;
}

function wordsOf({ name }: ModelChoice, facts: ModelApiFacts | undefined): string[] {
  if (!facts) return [];
  const { contextLength, prices, limits } = facts;
  const hasContext = / context$/.test(name);
  return [
    ...(contextLength !== undefined && !hasContext ? [`${shortCount(contextLength)} context`] : []),
    ...(prices ? [`${dollars(prices.input)} in, ${dollars(prices.output)} out per 1M tokens`] : []),
    ...(limits.length > 0 ? [limits.map(limitInWords).join(', ')] : []),
  ];
}

/** `$0.50`, and more digits only if there are such. */
function dollars(price: Decimal): string {
  const [whole = '', fraction = ''] = String(toNumber(price)).split('.');
  return `$${whole}.${fraction.padEnd(2, '0')}`;
}

/** `120 requests/min` */
function limitInWords({ counts, most, milliseconds }: KnownLimit): string {
  return `${shortCount(most)} ${counts}/${UNIT_OF[milliseconds] ?? `${milliseconds} ms`}`;
}
