import {
  NodeConnectionTypes,
  type INodeType,
  type INodeTypeDescription,
  type ISupplyDataFunctions,
  type SupplyData,
} from 'n8n-workflow';

import { basetenWorkspaceTest } from '../shared/connection/credentialTest';
import * as listSearch from '../shared/parameters/listSearch';
import { SOURCE_SUBTITLE } from '../shared/parameters/source';
import { properties } from './properties';
import { supplyChatModel } from './supplyChatModel';

/** The chat model of AI agents and chains. */
export class LmChatBaseten implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Baseten Chat Model',
    name: 'lmChatBaseten',
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: SOURCE_SUBTITLE,
    description: 'A chat model on Baseten, for AI agents and chains',
    builderHint: {
      searchHint:
        'A chat model on Baseten for AI Agents and chains: a hosted LLM, or an own deployment with an OpenAI-compatible server.',
    },
    defaults: { name: 'Baseten Chat Model' },
    inputs: [],
    outputs: [NodeConnectionTypes.AiLanguageModel],
    outputNames: ['Model'],
    credentials: [
      { name: 'basetenWorkspaceApi', required: true, testedBy: 'basetenWorkspaceTest' },
    ],
    properties,
  };

  methods = { credentialTest: { basetenWorkspaceTest }, listSearch };

  async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
    return await supplyChatModel(this, itemIndex);
  }
}
