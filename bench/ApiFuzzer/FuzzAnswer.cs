namespace Modular.ApiFuzzer;

/// <summary>What the server answered.</summary>
/// <param name="Code">The HTTP code.</param>
/// <param name="ContentType">The body's type, parameters included; empty if there is none.</param>
/// <param name="Body">The body.</param>
internal sealed record FuzzAnswer(int Code, string ContentType, byte[] Body);
