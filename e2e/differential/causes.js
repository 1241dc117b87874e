// Why the two answer a case differently, told from the smallest case that still shows it. Each cause is settled in
// docs/iam-decisions.md, under its name.

export function causeOf({ request, policies }, ours) {
  const { principal, context } = request
  const text = JSON.stringify(policies)
  const condition = (pattern) => new RegExp(`"(For\\w+:)?${pattern}(IfExists)?":\\{"[^"]+":`).test(text)
  const role = principal.role_arn?.split('/').pop()
  const causes = [
    ['root user', principal.arn?.endsWith(':root')],
    ['unsigned calls of STS', principal.type === 'anonymous' && request.action.startsWith('sts:')],
    ['federated users', principal.arn?.includes(':federated-user/')],
    ['web identity', principal.type === 'federated'],
    ['NotPrincipal', text.includes('"NotPrincipal"')],
    ['unique ids', /"A(ROA|IDA)\w+"/.test(text)],
    ['role path', role && text.includes(`"arn:aws:iam::111111111111:role/${role}"`)],
    ['empty lists of values', /"[\w:/-]+":\[\]\}/.test(text)],
    ['keys without values', Object.values(context).some((value) => Array.isArray(value) && !value.length)],
    ['multivalued keys without a set operator', !text.includes('"For') && Object.values(context).some(Array.isArray)],
    ['set operators on empty texts', text.includes('"For') && Object.values(context).flat().includes('')],
    ['numbers, dates and addresses that are none', ours === 'Undecided' && condition('(Numeric\\w+|Date\\w+|(Not)?IpAddress)')],
    ['words in upper case', text.includes('"TRUE"')],
    ['addresses', condition('(Not)?IpAddress')],
    ['dates', condition('Date\\w+')],
    ['one star for an ARN', condition('Arn(Not)?(Like|Equals)') && /:(\["\*"\]|"\*")\}/.test(text)],
    ['variables without a value', text.includes('${aws:PrincipalTag/table}')],
    ['variables before the fifth colon', text.includes('${aws:PrincipalAccount}')],
    ['stars and colons', /"arn:aws:dynamodb(:\*:table\/invoices|:\*|:eu-west-1|:eu\*111111111111:table\/invoices)?"/.test(text)],
    ['grants past a session policy', policies.session && policies.resource],
  ]
  return causes.find(([, holds]) => holds)?.[0]
}
