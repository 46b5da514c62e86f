// Reads cases as JSON lines from standard input, writes the verdict of iam-simulate for each, a JSON string a line.
import { createInterface } from 'node:readline'
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const words = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitly denied',
  ImplicitlyDenied: 'implicitly denied'
}

const named = (policies) => policies.map((policy, index) => ({ name: `policy${index}`, policy }))

for await (const line of createInterface({ input: process.stdin })) {
  const { identity, boundary, action, resource, context } = JSON.parse(line)
  let answer
  try {
    const result = runUnsafeSimulation(
      {
        request: {
          principal: 'arn:aws:iam::123456789012:user/alice',
          action,
          resource: { resource, accountId: '123456789012' },
          contextVariables: context
        },
        identityPolicies: named(identity),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        permissionBoundaryPolicies: boundary ? named([boundary]) : undefined
      },
      {}
    )
    answer = words[result] ?? String(result)
  } catch (error) {
    answer = `error: ${error.message}`
  }
  console.log(JSON.stringify(answer))
}
