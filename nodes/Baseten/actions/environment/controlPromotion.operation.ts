import type { IDataObject } from 'n8n-workflow';

import { managementApi } from '../../../shared/management/api';
import { readChoice } from '../../../shared/parameters/choice';
import { optionsCollection } from '../../../shared/parameters/options';
import {
  environmentParameter,
  nameOfEnvironment,
  ownerParameters,
  readAnyOwner,
  readEnvironment,
} from '../management/owner';
import type { Operation } from '../operation';
import { pathOf } from '../../../shared/connection/endpoints';

const ACTION = {
  name: 'action',
  label: 'Action',
  values: ['cancel', 'forceCancel', 'forceRollForward', 'pause', 'resume'],
  fallback: 'cancel',
} as const;

const ROUTES: Record<(typeof ACTION.values)[number], string> = {
  cancel: 'cancel_promotion',
  forceCancel: 'force_cancel_promotion',
  forceRollForward: 'force_roll_forward_promotion',
  pause: 'pause_promotion',
  resume: 'resume_promotion',
};

/**
 * Cancels, pauses, resumes or forces a promotion that is under way. Chains don't have this.
 * @see https://docs.baseten.co/reference/management-api/environments/cancel-promotion
 */
export const controlPromotion: Operation = {
  name: 'Control Promotion',
  value: 'controlPromotion',
  action: 'Cancel, pause, resume or force a promotion, which changes what serves',
  description: 'Cancel, pause, resume or force the promotion to an environment that is under way',
  properties: [
    ...ownerParameters({ chains: false }),
    environmentParameter('The environment that is promoted to'),
    {
      displayName: 'Action',
      name: 'action',
      type: 'options',
      default: 'cancel',
      description: 'What to do with the promotion',
      // The lint of n8n takes a parameter of this name for an operation, which has actions.
      options: [
        {
          name: 'Cancel',
          value: 'cancel',
          description: 'Give the traffic back to the deployment that served before',
          action: 'Cancel a promotion',
        },
        {
          name: 'Force Cancel',
          value: 'forceCancel',
          description: 'Give all traffic back at once, without ramping down',
          action: 'Cancel a promotion at once',
        },
        {
          name: 'Force Roll Forward',
          value: 'forceRollForward',
          description: 'Give all traffic to the candidate at once',
          action: 'Finish a promotion at once',
        },
        {
          name: 'Pause',
          value: 'pause',
          description: 'Stop after the current step, and stay there',
          action: 'Pause a promotion',
        },
        {
          name: 'Resume',
          value: 'resume',
          description: 'Go on with a promotion that was paused',
          action: 'Resume a promotion',
        },
      ],
    },
    optionsCollection(),
  ],
  async execute(call) {
    const { context, itemIndex, connection, send } = call;
    const action = readChoice(context, ACTION, itemIndex);
    const owner = readAnyOwner(call, false);
    const environment = readEnvironment(call);
    const response = await managementApi(
      connection.endpoints,
      send,
    )<IDataObject>({
      method: 'POST',
      path: [...pathOf(owner), 'environments', environment, ROUTES[action]],
      subject: `the promotion to ${nameOfEnvironment(owner, environment)}`,
    });
    return [{ json: response }];
  },
};
