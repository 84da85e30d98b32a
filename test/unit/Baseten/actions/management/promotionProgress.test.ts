import type {
  AnyDeployment,
  AnyEnvironment,
} from '../../../../../nodes/Baseten/actions/management/owner';
import { promotionProgress } from '../../../../../nodes/Baseten/actions/management/promotionProgress';

const deployment = (id: string, status = 'ACTIVE') => ({ id, status }) as AnyDeployment;

/** An environment, with its promotion if there is one. */
function environment(current: string, candidate?: AnyDeployment, promotion?: object) {
  return {
    name: 'production',
    current_deployment: deployment(current),
    candidate_deployment: candidate ?? null,
    in_progress_promotion: promotion ?? null,
  } as AnyEnvironment;
}

const promotion = (status: string, percent = 0, error_message: string | null = null) => ({
  status,
  percent_traffic_to_new_version: percent,
  error_message,
});

function watch() {
  return promotionProgress({
    subject: 'environment production of model m1',
    deploymentId: 'new',
    previous: 'old',
    failed: async ({ id }) => new Error(`${id} failed`),
  });
}

test('it ramps up and is over when the deployment serves', async () => {
  const progress = watch();
  const candidate = deployment('new');
  expect(await progress(environment('old'), 0)).toBe('starting');
  expect(await progress(environment('old', candidate, promotion('RELEASING')), 1)).toBe(
    'RELEASING, 0 %',
  );
  expect(await progress(environment('old', candidate, promotion('RAMPING_UP', 40)), 2)).toBe(
    'RAMPING_UP, 40 %',
  );
  expect(await progress(environment('new'), 3)).toBeUndefined();
});

test('the candidate may be another deployment that Baseten made of the one given', async () => {
  const progress = watch();
  const made = deployment('made', 'BUILDING');
  expect(await progress(environment('old', made), 1)).toBe('BUILDING');
  expect(await progress(environment('made'), 2)).toBeUndefined();
});

test('it may be over before the first look', async () => {
  expect(await watch()(environment('new'), 0)).toBeUndefined();
});

test('a promotion that is paused ends the wait with a sentence', async () => {
  const paused = environment('old', deployment('new'), promotion('PAUSED', 40));
  await expect(watch()(paused, 1)).rejects.toMatchObject({
    message: 'The promotion to environment production of model m1 is PAUSED at 40 % of the traffic',
    hint: expect.stringContaining('Control Promotion') as string,
  });
});

test('one that failed or was canceled says so, with Baseten’s reason', async () => {
  const failed = environment('old', deployment('new'), promotion('FAILED', 0, 'no GPU left'));
  await expect(watch()(failed, 1)).rejects.toMatchObject({ hint: 'no GPU left' });
  const canceled = environment('old', deployment('new'), promotion('CANCELED'));
  await expect(watch()(canceled, 1)).rejects.toThrow('is CANCELED');
});

test('a candidate that fails is named with its log', async () => {
  const failed = environment('old', deployment('new', 'BUILD_FAILED'));
  await expect(watch()(failed, 1)).rejects.toThrow('new failed');
});

test('a promotion that is gone while the deployment before still serves has failed', async () => {
  const progress = watch();
  await progress(environment('old', deployment('new', 'LOADING_MODEL')), 1);
  await expect(progress(environment('old'), 2)).rejects.toMatchObject({
    message: expect.stringContaining('ended, and deployment old serves there') as string,
    hint: expect.stringContaining('new was LOADING_MODEL at last') as string,
  });
});

test('one that never shows fails after a minute, and not before', async () => {
  const progress = watch();
  expect(await progress(environment('old'), 60_000)).toBe('starting');
  await expect(progress(environment('old'), 60_001)).rejects.toThrow('ended');
});

test('a chain has a candidate and no promotion', async () => {
  const progress = watch();
  const chain = (current: string, candidate?: AnyDeployment) =>
    ({
      name: 'production',
      current_deployment: deployment(current),
      candidate_deployment: candidate,
    }) as AnyEnvironment;
  expect(await progress(chain('old', deployment('new', 'DEPLOYING')), 1)).toBe('DEPLOYING');
  expect(await progress(chain('new'), 2)).toBeUndefined();
});
