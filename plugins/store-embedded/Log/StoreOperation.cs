namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>One operation of a commit as the store keeps it: the value is an array of the store's own; null deletes the key.</summary>
internal readonly record struct StoreOperation(string Key, byte[]? Value);

/// <summary>A commit with the revision it has.</summary>
internal readonly record struct StoreCommit(long Revision, StoreOperation[] Operations);
