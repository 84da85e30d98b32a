import type { Clock } from '../clock';
import type { Deployment, DeploymentStatus } from '../workspace/deployment';

/** Statuses that a failed deployment has. */
const FAILED: DeploymentStatus[] = ['BUILD_FAILED', 'BUILD_STOPPED', 'DEPLOY_FAILED', 'FAILED'];

/** Moves deployments from status to status, as time passes. */
export class Lifecycle {
  /** The last move of each deployment. A later one ends those before. */
  private readonly moves = new Map<string, symbol>();
  private readonly failures = new Map<string, DeploymentStatus>();

  /** @param stepMs how long each status lasts; with 0 the last one is there at once */
  constructor(
    private readonly clock: Clock,
    private readonly stopped: AbortSignal,
    private readonly stepMs: number,
  ) {}

  /** The next start of a deployment ends in this status. */
  failNext(deploymentId: string, status: DeploymentStatus): void {
    this.failures.set(deploymentId, status);
  }

  /** Starts a deployment that is stopped. */
  activate(deployment: Deployment): void {
    if (['ACTIVE', 'SCALED_TO_ZERO', 'WAKING_UP'].includes(deployment.status)) return;
    this.move(deployment, ['DEPLOYING', 'LOADING_MODEL', this.endOf(deployment)]);
  }

  /** Stops a deployment. */
  deactivate(deployment: Deployment): void {
    if (deployment.status === 'INACTIVE') return;
    this.move(deployment, ['DEACTIVATING', 'INACTIVE']);
  }

  /** Builds a failed deployment once more. @returns whether it had failed */
  retry(deployment: Deployment): boolean {
    if (!FAILED.includes(deployment.status)) return false;
    this.move(deployment, ['BUILDING', 'DEPLOYING', 'LOADING_MODEL', this.endOf(deployment)]);
    return true;
  }

  private endOf({ id }: Deployment): DeploymentStatus {
    const status = this.failures.get(id) ?? 'ACTIVE';
    this.failures.delete(id);
    return status;
  }

  private move(deployment: Deployment, [now, ...later]: DeploymentStatus[]): void {
    const move = Symbol(deployment.id);
    this.moves.set(deployment.id, move);
    if (now) deployment.enterStatus(now);
    void this.go(deployment, later, move);
  }

  private async go(deployment: Deployment, later: DeploymentStatus[], move: symbol): Promise<void> {
    for (const status of later) {
      try {
        if (this.stepMs > 0) await this.clock.sleep(this.stepMs, this.stopped);
      } catch {
        // The emulator was closed.
        return;
      }
      if (this.moves.get(deployment.id) !== move) return;
      deployment.enterStatus(status);
    }
  }
}
