// Reads questions as JSON lines from standard input: policies of a role, action, resource, context. Writes what
// iam-simulate answers to each with its checks of the input, a JSON string a line.
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

for await (const line of createInterface({ input: process.stdin })) {
  const { policies, action, resource, context } = JSON.parse(line)
  const found = await runSimulation(
    {
      request: {
        principal: 'arn:aws:iam::123456789012:role/iamsync-apply',
        action,
        resource: { resource, accountId: '123456789012' },
        contextVariables: context
      },
      identityPolicies: policies.map((policy, index) => ({ name: `policy${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: []
    },
    {}
  )
  const ignored = found.result?.ignoredContextKeys ?? []
  let answer = found.overallResult
  if (found.resultType === 'error') answer = `error: ${JSON.stringify(found.errors)}`
  else if (ignored.length > 0) answer = `the action has no such condition keys: ${ignored.join(', ')}`
  console.log(JSON.stringify(answer))
}
