using System.Text.Json.Nodes;

namespace Modular.Abstractions;

/// <summary>
/// Turns objects of a kind into those that are stored, and back. Each direction takes what the other leaves, and loses nothing on the way there and back.
/// apiVersion and kind are the caller's. Thread-safe.
/// </summary>
public interface IObjectConversion
{
    /// <summary>Turns an object of the kind, or a part of one that somebody applies, into the stored kind's, in place.</summary>
    /// <exception cref="Modular.ApiMachinery.ApiException">A field's text cannot be read.</exception>
    void ToStored(JsonObject obj);

    /// <summary>Turns a stored object into one of the kind, in place.</summary>
    void FromStored(JsonObject obj);
}

/// <summary>Which way an object is converted.</summary>
public enum ConversionDirection
{
    /// <summary>From the kind that is served to the one that is stored.</summary>
    ToStored,
    /// <summary>From the kind that is stored to the one that is served.</summary>
    FromStored,
}
