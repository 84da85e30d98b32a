import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../clock';

/** How long a replaced secret still signs: 24 hours. */
const ROTATION_MS = 24 * 3_600_000;

/** The workspace's webhook signing secrets. */
export class WebhookSecrets {
  private secrets: Array<{ value: string; until: number }>;

  /**
   * `initial` holds the newest secret first. If there are several, a rotation is under way: all but
   * the first stop signing after 24 hours.
   */
  constructor(
    private readonly clock: Clock,
    initial: string[],
  ) {
    const end = clock.now() + ROTATION_MS;
    this.secrets = initial.map((value, index) => ({ value, until: index === 0 ? Infinity : end }));
  }

  /** The secrets that sign now, newest first. */
  active(): string[] {
    return this.secrets
      .filter((secret) => secret.until > this.clock.now())
      .map((secret) => secret.value);
  }

  /** Makes a new secret and returns it. The ones before sign for 24 more hours. */
  rotate(): string {
    const end = this.clock.now() + ROTATION_MS;
    const value = `whsec_${randomBytes(24).toString('base64url')}`;
    const before = this.secrets.map((secret) => ({
      ...secret,
      until: Math.min(secret.until, end),
    }));
    this.secrets = [{ value, until: Infinity }, ...before];
    return value;
  }
}

/**
 * The value of `X-BASETEN-SIGNATURE`: an HMAC-SHA256 of the raw body for each secret; `undefined`
 * if there are no secrets. See https://docs.baseten.co/inference/async#secure-webhooks.
 */
export function signatureHeader(body: Buffer, secrets: string[]): string | undefined {
  if (secrets.length === 0) return undefined;
  return secrets
    .map((secret) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`)
    .join(',');
}
