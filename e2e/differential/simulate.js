// A case of our protocol, put to iam-simulate by its public interface: what it decides, or why it does not.
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

const named = (policies, layer) => (policies ?? []).map((policy, index) => ({ name: `${layer}[${index}]`, policy }))

const levels = (levels, layer) =>
  (levels ?? []).map(({ id, policies }) => ({ orgIdentifier: id, policies: named(policies, layer) }))

// It takes one session policy: several are a union, and so are the statements of one.
const session = (policies) =>
  policies.length === 1 ? policies[0] : { Version: '2012-10-17', Statement: policies.flatMap((it) => it.Statement) }

export async function simulate({ request, policies }) {
  const { principal, action, resource, context } = request
  const simulation = {
    request: {
      principal: principal.type === 'anonymous' ? anonymousPrincipal : (principal.arn ?? principal.id),
      action,
      resource: { resource: resource.arn, accountId: resource.account },
      contextVariables: context,
    },
    identityPolicies: named(policies.identity, 'identity'),
    serviceControlPolicies: levels(policies.scp, 'scp'),
    resourceControlPolicies: levels(policies.rcp, 'rcp'),
  }
  if (policies.resource) simulation.resourcePolicy = policies.resource
  if (policies.boundary) simulation.permissionBoundaryPolicies = named(policies.boundary, 'boundary')
  if (policies.vpce) simulation.vpcEndpointPolicies = named(policies.vpce, 'vpce')
  if (policies.session) simulation.sessionPolicy = session(policies.session)
  try {
    const answer = await runSimulation(simulation, { simulationMode: 'Strict' })
    if (answer.resultType === 'error') return { refused: answer.errors.message }
    return { decision: answer.overallResult }
  } catch (error) {
    return { refused: `it throws: ${error.message}` }
  }
}
