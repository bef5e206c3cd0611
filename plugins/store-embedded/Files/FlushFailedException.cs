namespace Modular.Plugins.StoreEmbedded.Files;

/// <summary>
/// The disk failed a flush. The kernel may have dropped what it could not write and report success the next time, so a flush is never
/// tried again: the process has to end and read back what is really there.
/// </summary>
internal sealed class FlushFailedException(string message, int error) : IOException(message, error);
