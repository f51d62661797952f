/** What is to be known of a late result, for people */
export const LATE = 'This node held the quorum only long after the deadline. Somebody may have used an old key to sign a vote with an old date. Act on this result only after you have asked the other members.'
