import { readMetrics } from '../../../../../nodes/Baseten/actions/management/metrics';
import type { Manage } from '../../../../../nodes/shared/management/api';

const NOW = Date.parse('2026-11-26T09:00:00Z');

/** The item of a metric with these labels and values, one of each a series. */
async function itemOf(label_sets: Array<Record<string, string>>, values: Array<number | null>) {
  const manage = (async () => ({
    start_epoch_millis: NOW - 3_600_000,
    end_epoch_millis: NOW,
    mode: 'SUMMARY',
    step_seconds: null,
    metric_descriptors: [{ name: 'a_metric', unit_hint: 'COUNT', kind: 'COUNTER', label_sets }],
    metric_values: [{ start_epoch_millis: NOW - 3_600_000, values: [values] }],
  })) as unknown as Manage;
  const [item] = await readMetrics(manage, { path: ['x'], query: {}, subject: 'the metrics' });
  return item?.json;
}

test('a plain metric has its value, and no values by name', async () => {
  const json = await itemOf([{}], [3]);
  expect(json).toMatchObject({ metric: 'a_metric', value: 3, series: [{ labels: {}, value: 3 }] });
  expect(json).not.toHaveProperty('values');
});

test('several series have their values by name', async () => {
  const json = await itemOf([{ status: '2xx' }, { status: '5xx' }], [7, 0]);
  expect(json).toMatchObject({ values: { '2xx': 7, '5xx': 0 } });
  expect(json).not.toHaveProperty('value');
});

test('the only status is named, too: a model whose calls all fail has no other', async () => {
  expect(await itemOf([{ status: '5xx' }], [4])).toMatchObject({ value: 4, values: { '5xx': 4 } });
});
