namespace Modular.Plugins.Dns.Answering;

/// <summary>What became of a message.</summary>
internal enum Outcome
{
    /// <summary>Nothing is sent.</summary>
    Silence,

    /// <summary>The answer stands in the buffer.</summary>
    Reply,

    /// <summary>Another server knows; the whole question is to be asked there.</summary>
    Forward,

    /// <summary>The buffer holds the beginning of an answer, which leads to a name that another server knows.</summary>
    ForwardAlias,
}

/// <summary>An outcome, with what belongs to it.</summary>
/// <param name="Outcome">What became of the message.</param>
/// <param name="Length">How much of the buffer is the answer.</param>
/// <param name="Alias">The name to ask other servers for; empty unless that is the outcome.</param>
internal readonly record struct Answer(Outcome Outcome, int Length, byte[] Alias)
{
    public static readonly Answer Silence = new(Outcome.Silence, 0, []);

    public static readonly Answer Forward = new(Outcome.Forward, 0, []);

    public static Answer Reply(int length) => new(Outcome.Reply, length, []);
}
