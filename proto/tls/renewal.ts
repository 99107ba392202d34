/** Of its life that a certificate has left when it is to be renewed, as ACME clients do it. */
const renewalFraction = 1 / 3

/** When a certificate ought to be renewed. */
export const renewalDue = ({ notBefore, notAfter }: { notBefore: Date; notAfter: Date }): Date =>
  new Date(notAfter.getTime() - (notAfter.getTime() - notBefore.getTime()) * renewalFraction)
