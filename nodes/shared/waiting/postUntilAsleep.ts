import { realTime } from '../time';
import { readAnswer, type Said } from './answers';
import type { ToKeeper, ToParent } from './messages';
import { post } from './post';

/** Milliseconds for which an execution is tried that is awake. */
const PATIENCE = 10_000;
/** Milliseconds between two tries, at first and later. */
const AGAIN_AFTER = { first: 100, most: 1_600 };

/**
 * Sends a message to an execution that may be awake just now, until it takes it.
 * @returns what it said, or why nobody could say anything
 */
export async function postUntilAsleep(
  url: string,
  message: ToKeeper | ToParent,
  secret: string,
): Promise<Said> {
  const end = realTime.elapsed() + PATIENCE;
  for (let pause = AGAIN_AFTER.first; ; pause = Math.min(pause * 2, AGAIN_AFTER.most)) {
    const said = readAnswer(await post(url, message, secret));
    if ((said.it !== 'awake' && said.it !== 'unclear') || realTime.elapsed() > end) return said;
    await realTime.wait(pause);
  }
}
