import { badRequest } from '../http/refusal';

interface Metric {
  unit: string;
  kind: string;
  labels: Array<Record<string, string>>;
  /** The values of its series. */
  values: (load: MeteredLoad) => Array<number | null>;
}

/** What metrics are made of. */
export interface MeteredLoad {
  replicas: number;
  working: number;
  /** Calls a second that succeeded, and that failed in the model. */
  succeeded: number;
  failed: number;
}

const QUANTILES = ['0.5', '0.9', '0.95', '0.99'].map((quantile) => ({ quantile }));

/** The metrics that the emulator has. */
const METRICS: Record<string, Metric> = {
  baseten_replicas_active: {
    unit: 'COUNT',
    kind: 'GAUGE',
    labels: [{}],
    values: ({ replicas }) => [replicas],
  },
  baseten_inference_requests_total: {
    unit: 'PER_SECOND',
    kind: 'COUNTER',
    labels: [{ status: '2xx' }, { status: '5xx' }],
    values: ({ succeeded, failed }) => [succeeded, failed],
  },
  baseten_end_to_end_response_time_seconds: {
    unit: 'SECONDS',
    kind: 'HISTOGRAM',
    labels: [...QUANTILES, { stat: 'avg' }],
    values: () => [0.1, 0.2, 0.3, 0.4, 0.15],
  },
  baseten_concurrent_requests: {
    unit: 'COUNT',
    kind: 'GAUGE',
    labels: [{}],
    values: ({ working }) => [working],
  },
};
/** Those that a request without names gets. */
const USUAL = Object.keys(METRICS).slice(0, 3);

const HOUR_MS = 3_600_000;

/**
 * Metrics of a deployment or environment: GetModelMetricsResponseV1.
 * @throws {Refusal} 400 if a parameter is not valid
 */
export function metricsOf(
  query: Record<string, string | string[] | undefined>,
  load: MeteredLoad,
  now: number,
) {
  const mode = String(query.mode ?? 'CURRENT');
  if (!['CURRENT', 'SUMMARY', 'SERIES'].includes(mode)) throw badRequest(`mode can't be ${mode}.`);
  const hasTime = query.start_epoch_millis !== undefined || query.end_epoch_millis !== undefined;
  if (mode === 'CURRENT' && hasTime) throw badRequest('CURRENT has no start and no end.');
  const end = Number(query.end_epoch_millis ?? now);
  const start = mode === 'CURRENT' ? end : Number(query.start_epoch_millis ?? end - HOUR_MS);
  if (end - start > 7 * 24 * HOUR_MS) throw badRequest('The window must not exceed 7 days.');
  const names = query.metrics === undefined ? USUAL : [query.metrics].flat();
  const metrics = names.map((name) => {
    const metric = METRICS[name];
    if (!metric) throw badRequest(`There is no metric ${name}.`);
    return { name, ...metric };
  });
  const steps = mode === 'SERIES' ? 4 : 1;
  const stepMs = Math.max(1, Math.floor((end - start) / steps));
  return {
    start_epoch_millis: start,
    end_epoch_millis: end,
    mode,
    step_seconds: mode === 'SERIES' ? Math.max(1, Math.round(stepMs / 1000)) : null,
    metric_descriptors: metrics.map(({ name, unit, kind, labels }) => ({
      name,
      unit_hint: unit,
      kind,
      label_sets: labels,
    })),
    metric_values: Array.from({ length: steps }, (_, step) => ({
      start_epoch_millis: start + step * stepMs,
      values: metrics.map(({ values }) => values(load)),
    })),
  };
}
