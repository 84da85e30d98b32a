import { pathOf, type Owner } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import { take, type Manage } from '../../../shared/management/api';
import { newestFirst } from '../../../shared/management/logs';
import { FAILED_STATUSES } from '../../../shared/management/statuses';
import { realTime, type Time } from '../../../shared/time';
import { nameOfDeployment, type AnyDeployment } from './owner';
import { capital } from '../../../shared/capital';

/** How many lines of the log an error quotes, of one deployment or chainlet. */
const QUOTED_LINES = 5;
/** The time before now from which they may come, in milliseconds. A build can take hours. */
const LOOK_BACK = 24 * 60 * 60 * 1000;

/**
 * Makes the error that says how a deployment ended, with the last errors of its log. It never
 * fails: what can't be read of the log is left out.
 */
export async function failedDeployment(
  manage: Manage,
  owner: Owner,
  deployment: AnyDeployment,
  time: Time = realTime,
): Promise<UserInputError> {
  const lines = await lastErrors(manage, owner, deployment, time);
  return new UserInputError(
    `${capital(nameOfDeployment(owner, deployment.id))} is ${deployment.status}`,
    lines.length > 0
      ? `The last errors in its log:\n${lines.join('\n')}`
      : 'Look for the cause in its logs with Deployment → Get Logs.',
  );
}

async function lastErrors(
  manage: Manage,
  owner: Owner,
  deployment: AnyDeployment,
  time: Time,
): Promise<string[]> {
  const path = [...pathOf(owner), 'deployments', deployment.id];
  const failed = 'chainlets' in deployment ? deployment.chainlets : undefined;
  const logs = failed
    ? failed
        .filter(({ status }) => FAILED_STATUSES.includes(status))
        .map(({ id, name }) => ({ path: [...path, 'chainlets', id], prefix: `${name}: ` }))
    : [{ path, prefix: '' }];
  const end = time.now();
  const quoted: string[] = [];
  for (const log of logs.slice(0, 3)) {
    try {
      const question = {
        path: log.path,
        start: end - LOOK_BACK,
        end,
        filter: { min_level: 'ERROR' },
        subject: `the logs of ${nameOfDeployment(owner, deployment.id)}`,
      };
      const lines = await take(newestFirst(manage, question), QUOTED_LINES);
      quoted.push(...lines.reverse().map(({ message }) => `${log.prefix}${message.trim()}`));
    } catch {
      // The key may not read logs. What is said of the deployment matters more.
    }
  }
  return quoted;
}
